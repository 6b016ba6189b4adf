import { expect, it } from 'vitest';
import type { ApiKey } from '../../api/types';
import { inForceFirst, stateOf } from './state';

const now = Date.parse('2026-11-21T12:00:00Z');
const key = (change: Partial<ApiKey>): ApiKey => ({
  name: 'ci',
  role: 'viewer',
  scopes: [],
  prefix: 'cdn_x',
  created_at: '2026-11-01T00:00:00Z',
  created_by: 'ana',
  expires_at: null,
  last_used_at: null,
  revoked_at: null,
  ...change,
});

it.each([
  [{}, 'in force'],
  [{ expires_at: '2026-11-21T12:00:01Z' }, 'in force'],
  [{ expires_at: '2026-11-21T12:00:00Z' }, 'expired'],
  [{ revoked_at: '2026-11-20T00:00:00Z', expires_at: '2027-01-01T00:00:00Z' }, 'revoked'],
])('%j is %s', (change, want) => expect(stateOf(key(change), now)).toBe(want));

it('puts the revoked ones last and keeps the order else', () => {
  const all = [key({ name: 'a', revoked_at: '2026-11-20T00:00:00Z' }), key({ name: 'b' }), key({ name: 'c' })];
  expect(inForceFirst(all).map((k) => k.name)).toEqual(['b', 'c', 'a']);
});
