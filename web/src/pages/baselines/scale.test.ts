import { describe, expect, it } from 'vitest';
import { placeOf, powers, scaleOf, short, size } from './scale';

describe('a scale of powers of ten', () => {
  it('holds all values', () => {
    expect(scaleOf([0, 5_000_000, 42_000_000], 1000)).toEqual({ least: 1000, most: 100_000_000 });
    expect(scaleOf([], 1)).toEqual({ least: 1, most: 10 });
    expect(powers({ least: 1000, most: 100_000 })).toEqual([1000, 10_000, 100_000]);
  });
  it('places values, those that are too small on the ground', () => {
    const s = scaleOf([100_000], 1000);
    expect([0, 1000, 10_000, 100_000, 1e9].map((v) => placeOf(v, s))).toEqual([0, 0, 0.5, 1, 1]);
  });
});

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1234, '1.2 kB'],
    [42_000_000, '42 MB'],
    [999_600, '1 MB'],
    [5e15, '5000 TB'],
  ])('%d is %s', (n, text) => expect(size(n)).toBe(text));
  it('has two digits of what is small', () => {
    expect([0.25, 1, 1.26, 9.96, 300.4].map(short)).toEqual(['0.3', '1', '1.3', '10', '300']);
  });
});
