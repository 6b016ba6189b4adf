import { expect, it } from 'vitest';
import { cut } from './leaks';

it.each([
  { what: 'none', sample: 0, total: 0, shown: 0, more: 0, beyond: 0 },
  { what: 'few', sample: 5, total: 5, shown: 5, more: 0, beyond: 0 },
  { what: 'a full sample', sample: 10, total: 10, shown: 5, more: 5, beyond: 0 },
  { what: 'more than the sample', sample: 10, total: 37, shown: 5, more: 5, beyond: 27 },
  { what: 'a total that came later than the sample', sample: 3, total: 2, shown: 3, more: 0, beyond: 0 },
])('shows the first of $what', ({ sample, total, shown, more, beyond }) => {
  const all = Array.from({ length: sample }, (_, i) => i);
  expect(cut(all, total)).toEqual({ shown: all.slice(0, shown), more, beyond });
});
