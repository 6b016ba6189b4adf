import { describe, expect, it } from 'vitest';
import { readFilter, writeFilter } from './filters';

describe('the filter in the address', () => {
  it.each(['', '?rule=jwt&severity=high&severity=info', '?source=a+b%26c&fingerprint=v1%3A4f1c%3Aab'])(
    '%j is read and written back',
    (s) => expect(writeFilter(readFilter(s))).toBe(s),
  );
  it('leaves out what is open, which does not narrow the list', () =>
    expect(readFilter('?rule=jwt&open=0199')).toEqual({ rule: 'jwt' }));
  it('ignores what it does not know', () => expect(readFilter('?severity=catastrophic&rule=')).toEqual({}));
});
