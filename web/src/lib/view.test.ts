import { describe, expect, it } from 'vitest';
import { readNames, writeNames } from './view';

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
