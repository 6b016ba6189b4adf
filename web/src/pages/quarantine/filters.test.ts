import { describe, expect, it } from 'vitest';
import { readFilter, writeFilter } from './filters';

describe('the filter in the address', () => {
  it.each(['', '?source=a', '?rule=github-pat&severity=critical&severity=high', '?source=a+b%26c&reviewed=false'])(
    '%j is read and written back',
    (s) => expect(writeFilter(readFilter(s))).toBe(s),
  );
  it('ignores what it does not know', () =>
    expect(readFilter('?severity=catastrophic&reviewed=maybe&x=1')).toEqual({}));
  it('has one order, so that the same filter has one cache', () =>
    expect(readFilter('?severity=low&severity=critical')).toEqual(readFilter('?severity=critical&severity=low')));
});
