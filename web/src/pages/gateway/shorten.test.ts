import { expect, test } from 'vitest';
import type { GossipBypass } from '../../api/types';
import { count } from '../../lib/format';
import { dialable, ofAll, shortId, urgentFirst } from './shorten';

test('an id keeps both its ends', () => {
  expect(shortId('12D3KooWBmwkafWE2fqfzS96VoTZgpGp6aJsF4N1QF6YAT6aNmWx')).toBe('12D3KooW…AT6aNmWx');
  expect(shortId('a-short-node-name')).toBe('a-short-node-name');
});

test('a list that is not whole says so', () => {
  expect(ofAll(200, 5000)).toBe(`200 of ${count(5000)}`);
  expect(ofAll(2, 2)).toBe('2');
});

test('an address to dial names the gateway once', () => {
  expect(dialable('/ip4/192.0.2.1/tcp/4101', 'p')).toBe('/ip4/192.0.2.1/tcp/4101/p2p/p');
  expect(dialable('/ip4/192.0.2.1/tcp/4101/p2p/p', 'p')).toBe('/ip4/192.0.2.1/tcp/4101/p2p/p');
});

test('who needs somebody comes first', () => {
  const one = (id: string, state: 'running' | 'lost', pairs: number) => ({
    id,
    state,
    bypasses: Array.from({ length: pairs }, () => ({}) as GossipBypass),
  });
  const all = [one('a', 'running', 0), one('b', 'running', 1), one('d', 'lost', 0), one('c', 'lost', 0)];
  expect(urgentFirst(all).map((g) => g.id)).toEqual(['c', 'd', 'b', 'a']);
});
