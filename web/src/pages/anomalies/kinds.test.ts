import { expect, it } from 'vitest';
import type { Anomaly } from '../../api/types';
import { addressOf, kinds, kindsWith, limitOf, manyOf, meaningOf, sizeOf, span, wordOf } from './kinds';

it.each([
  [300, '5 min'],
  [60, '1 min'],
  [90, '90 s'],
  [1, '1 s'],
  [0.5, '0.5 s'],
  [7200, '2 h'],
  [5400, '90 min'],
])('%d seconds are %s', (seconds, words) => expect(span(seconds)).toBe(words));

it('says what is too much, and how much it was', () => {
  expect(limitOf({ threshold: 10, window_seconds: 300 })).toBe('10 within 5 min');
  const a = { count: 12, threshold: 10, window_seconds: 300 } as Anomaly;
  expect(sizeOf(a)).toBe('12 events, where 10 within 5 min are too many.');
  expect(sizeOf({ ...a, count: 1, threshold: 1, window_seconds: 60 })).toBe(
    '1 event, where 1 within 1 min is too much.',
  );
});

it('names a kind that it does not know by its name', () => {
  expect(wordOf('brute_force')).toBe('Brute force');
  expect(wordOf('port_scan')).toBe('port_scan');
  expect(wordOf('constructor')).toBe('constructor');
  expect(meaningOf('port_scan')).toContain('more often than chance');
});

it('says who too many were', () => {
  expect(manyOf('ip')).toBe('many addresses at once');
  expect(manyOf('constructor')).toBe('constructor');
});

it('looks after the address of the latest event, and after no user as if they were one', () => {
  expect(addressOf({ source_ip: '203.0.113.9', key: 'root', key_kind: 'user' })).toBe('203.0.113.9');
  expect(addressOf({ source_ip: '', key: 'root', key_kind: 'user' })).toBe('');
  expect(addressOf({ source_ip: '', key: '203.0.113.9', key_kind: 'ip' })).toBe('203.0.113.9');
});

it('offers the kinds of rules behind the builtin ones, each once', () => {
  expect(kindsWith(['vpn_guessing', 'brute_force', 'a_rule', 'vpn_guessing']).slice(kinds.length)).toEqual([
    'a_rule',
    'vpn_guessing',
  ]);
});
