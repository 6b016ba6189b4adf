import { describe, expect, it } from 'vitest';
import { readNames, searchOf, toggled, writeNames } from './view';

const names = ['decky', 'service'] as const;

describe('a filter of names', () => {
  it('survives the address', () => {
    const view = { service: 'ssh', decky: 'a b&c=d' };
    expect(writeNames(view, names)).toBe('?decky=a+b%26c%3Dd&service=ssh');
    expect(readNames(writeNames(view, names, 's1'), names)).toEqual(view);
  });
  it('leaves out what is empty, and ignores what it does not know', () => {
    expect(writeNames({ decky: '' }, names)).toBe('');
    expect(writeNames({}, names, 's1')).toBe('?open=s1');
    expect(readNames('?decky=&other=1&open=s1', names)).toEqual({});
  });
});

describe('a query string', () => {
  it('is nothing when it is empty', () => expect(searchOf(new URLSearchParams())).toBe(''));
  it('names the open row last', () => expect(searchOf(new URLSearchParams('a=1'), 'x&y')).toBe('?a=1&open=x%26y'));
});

describe('a choice of several', () => {
  const all = ['critical', 'high', 'low'] as const;
  it('is in the order of all', () => expect(toggled(all, ['low'], 'critical')).toEqual(['critical', 'low']));
  it('loses what is chosen again', () => expect(toggled(all, ['high', 'low'], 'low')).toEqual(['high']));
  it('may become empty', () => expect(toggled(all, ['low'], 'low')).toEqual([]));
});
