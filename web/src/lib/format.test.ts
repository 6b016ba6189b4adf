import { describe, expect, it } from 'vitest';
import { ago, bytes, compact, count, middle, percent, plural, shellQuote, utc } from './format';

describe('ago', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  it.each([
    ['2026-11-20T11:59:58Z', 'just now'],
    ['2026-11-20T11:59:30Z', '30 s ago'],
    ['2026-11-20T11:57:01Z', '2 min ago'],
    ['2026-11-20T08:00:00Z', '4 h ago'],
    ['2026-11-17T12:00:00Z', '3 d ago'],
    ['2026-11-20T12:00:09Z', 'just now'], // a clock ahead of ours is not the future
    ['nonsense', 'unknown'],
  ])('%s is %s', (iso, want) => expect(ago(iso, now)).toBe(want));
});

describe('numbers', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1k'],
    [1_249, '1.2k'],
    [9_960, '10k'],
    [999_499, '999k'],
    [999_500, '1M'],
    [4_100_000, '4.1M'],
  ])('compact(%d) is %s', (n, want) => expect(compact(n)).toBe(want));
  it('groups thousands', () => expect(count(1_058_321)).toBe('1\u202f058\u202f321'));
  it('never rounds confidence up to certainty', () => expect(percent(0.999)).toBe('99\u202f%'));
  it('counts in words', () =>
    expect([plural(1, 'entry', 'entries'), plural(2, 'entry', 'entries')]).toEqual(['1 entry', '2 entries']));
});

describe('identifiers', () => {
  it('cuts long ones in the middle', () => expect(middle('0123456789abcdef')).toBe('01234567…cdef'));
  it('keeps short ones', () => expect(middle('0123456789')).toBe('0123456789'));
  it('keeps the recorded microseconds', () =>
    expect(utc('2026-11-20T19:23:04.123456Z')).toBe('2026-11-20 19:23:04.123456 UTC'));
});

describe('shellQuote', () => {
  it.each([
    ['plain-1.2/x', 'plain-1.2/x'],
    ['two words', "'two words'"],
    ["it's; rm -rf /", `'it'\\''s; rm -rf /'`],
    ['$(id)', "'$(id)'"],
    ['', "''"],
  ])('%j', (s, want) => expect(shellQuote(s)).toBe(want));
});

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [65_536, '64 KiB'],
  [1_572_864, '1.5 MiB'],
  [8 * 1024 ** 3, '8 GiB'],
])('%i bytes', (n, want) => expect(bytes(n)).toBe(want));
