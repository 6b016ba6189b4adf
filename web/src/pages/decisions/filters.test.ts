import { describe, expect, it } from 'vitest';
import { readFilter, writeFilter } from './filters';

describe('the address', () => {
  it('goes there and back', () => {
    const filter = { verdict: 'deny', host: 'a & b', program: '/usr/bin/curl', rule: 'x' } as const;
    expect(readFilter(writeFilter(filter))).toEqual(filter);
  });
  it('carries what is open', () => expect(writeFilter({ host: 'a' }, '7')).toBe('?host=a&open=7'));
  it('is empty for an empty filter', () => expect(writeFilter({ host: '' })).toBe(''));
  it.each(['?verdict=maybe', '?color=red', '?host='])('ignores %s', (s) => expect(readFilter(s)).toEqual({}));
});
