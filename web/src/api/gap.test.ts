import { expect, it } from 'vitest';
import { outOfDate } from './gap';

it.each([
  ['a list', { queryKey: ['deception', 'sessions'], meta: undefined }, true],
  ['who we are', { queryKey: ['me'], meta: undefined }, false],
  ['a replay that is open', { queryKey: ['deception', 'record'], meta: { reveals: true } }, false],
])('says of %s whether a gap made it out of date', (_, query, want) => {
  expect(outOfDate(query)).toBe(want);
});
