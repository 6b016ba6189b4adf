import { expect, it } from 'vitest';
import type { EgressDestination } from '../../api/types';
import { type Order, ordered } from './order';

const at = (host: string, more: Partial<EgressDestination>): EgressDestination => ({
  host,
  allowed: 0,
  denied: 0,
  bytes_out: 0,
  bytes_in: 0,
  first_seen: '2026-11-01T00:00:00Z',
  last_seen: '2026-11-01T00:00:00Z',
  last_decision: 'deny',
  last_reason: 'default_policy',
  ...more,
});
const all = [
  at('c', { denied: 9 }),
  at('b', { last_seen: '2026-11-03T00:00:00Z' }),
  at('a', { bytes_out: 5, first_seen: '2026-11-02T00:00:00Z' }),
];

it.each<[Order, string]>([
  ['recent', 'bac'],
  ['denied', 'cab'],
  ['sent', 'abc'],
  ['new', 'abc'],
])('orders by %s', (order, want) =>
  expect(
    ordered(all, order)
      .map((d) => d.host)
      .join(''),
  ).toBe(want),
);
