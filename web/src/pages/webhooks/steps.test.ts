import { describe, expect, it } from 'vitest';
import { lasting, lastingWords, stepsFrom, stepsMade, withStep } from './steps';

describe('a duration', () => {
  it.each([
    ['15m0s', 15, 'm', '15 min'],
    ['1h0m0s', 1, 'h', '1 h'],
    ['1h30m0s', 90, 'm', '90 min'],
    ['1m30s', 90, 's', '90 s'],
    ['168h0m0s', 168, 'h', '168 h'],
  ])('%s is read in the largest whole unit', (text, amount, unit, words) => {
    expect(lasting(text)).toEqual({ amount, unit });
    expect(lastingWords(text)).toBe(words);
  });
});

describe('the steps of an escalation', () => {
  const stored = [
    { after: '15m0s', to: 'on-call' },
    { after: '1h30m0s', to: 'boss' },
  ];
  it('are written as they are read', () =>
    expect(stepsMade(stepsFrom(stored))).toEqual([
      { after: '15m', to: 'on-call' },
      { after: '90m', to: 'boss' },
    ]));
  it('grow by one that comes later', () => {
    const more = withStep(stepsFrom(stored), 'ceo');
    expect(stepsMade(more).at(-1)).toEqual({ after: '180m', to: 'ceo' });
    expect(new Set(more.map((s) => s.key)).size).toBe(3);
    expect(stepsMade(withStep([], 'on-call'))).toEqual([{ after: '15m', to: 'on-call' }]);
  });
  it('without a time are nothing that the server would take', () =>
    expect(stepsMade([{ key: 0, amount: '', unit: 'm', to: 'a' }])).toEqual([{ after: '0m', to: 'a' }]));
});
