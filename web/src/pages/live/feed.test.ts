import { expect, it } from 'vitest';
import type { FeedStart } from '../../api/feed';
import type { Credential, DeckyLog } from '../../api/types';
import type { Envelope } from '../../live/events';
import { bound, fits, merge, newIn, type Row, rowOf, rowsOf } from './feed';

const at = (second: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, second)).toISOString();
const row = (id: string, second: number, change: Partial<Row> = {}): Row => ({
  id,
  at: at(second),
  severity: 'low',
  type: 'command',
  decky: 'web-1',
  service: 'ssh',
  address: '203.0.113.9',
  session: 's-1',
  words: 'id',
  ...change,
});
const ids = (rows: Row[]) => rows.map((r) => r.id).join(' ');

const contact = {
  decky: 'web-1',
  service: 'ssh',
  source_ip: '203.0.113.9',
  attacker_id: 'a-1',
  session: 's-1',
  occurred_at: at(7),
};
const event = (topic: string, data: object, severity: Envelope['severity'] = 'info'): Envelope => ({
  id: 'e-1',
  topic,
  time: at(8),
  source: 'node-1/deception',
  severity,
  data: { ...contact, ...data },
});

it('holds each row once, newest first', () => {
  expect(ids(merge([row('b', 2), row('a', 1)], [row('c', 3), row('a', 1)]))).toBe('c b a');
  expect(ids(merge([row('a', 1)], [row('c', 1), row('b', 1)])), 'of one moment by the id').toBe('c b a');
});

it('does not change the words of what is shown, but moves what happened again', () => {
  expect(merge([row('a', 1, { words: 'stored' })], [row('a', 1, { words: 'said' })])[0]?.words).toBe('said');
  expect(ids(merge([row('a', 9)], [row('b', 5), row('a', 1)]))).toBe('a b');
});

it('is bounded, and keeps the newest', () => {
  const many = Array.from({ length: bound }, (_, i) => row(`r-${i}`, i % 60));
  const all = merge(many, [row('newest', 61), row('oldest', -1)]);
  expect(all).toHaveLength(bound);
  expect(all[0]?.id).toBe('newest');
  expect(all.some((r) => r.id === 'oldest')).toBe(false);
});

it('counts what waits, also what happened again', () => {
  const shown = [row('b', 2), row('a', 1)];
  expect(newIn(shown, shown)).toBe(0);
  expect(newIn(shown, [row('c', 4), row('a', 3), row('b', 2)])).toBe(2);
});

it.each([
  [{}, true],
  [{ decky: 'web-1', service: 'ssh' }, true],
  [{ decky: 'web-2' }, false],
  [{ service: 'http' }, false],
  [{ severity: ['critical' as const, 'low' as const] }, true],
  [{ severity: ['info' as const] }, false],
])('narrowed by %j it shows a command on web-1: %s', (view, want) => {
  expect(fits(view, row('a', 1))).toBe(want);
});

it('makes rows of what is on record', () => {
  const log = {
    id: 'l-1',
    timestamp: at(3),
    decky: 'trap',
    service: 'http',
    severity: 'info',
    event_type: 'request',
    attacker_ip: '2001:db8::1',
    session: 's-2',
    summary: 'GET /',
  } as DeckyLog;
  const tried = { ...contact, id: 'c-1', last_seen: at(4), attacker_ip: '203.0.113.9', principal: 'root' };
  const start = { logs: [log], leaked: [{ ...tried, accepted: true } as unknown as Credential] };
  const [first, second] = rowsOf(start as FeedStart);
  expect(first).toEqual(
    row('l-1', 3, {
      severity: 'info',
      type: 'request',
      decky: 'trap',
      service: 'http',
      address: '2001:db8::1',
      session: 's-2',
      words: 'GET /',
    }),
  );
  expect(second).toMatchObject({ id: 'credential-c-1', at: at(4), severity: 'critical' });
  expect(second?.words).toBe('a secret that leaked here, as "root", accepted');
});

it.each([
  ['decky.web-1.traffic', { type: 'command', summary: 'uname -a' }, { id: 'e-1', type: 'command', words: 'uname -a' }],
  ['decky.web-1.traffic', { type: 'command' }, { words: '' }],
  ['attacker.session.started', { source_port: 22 }, { type: 'connected', words: 'connected from 203.0.113.9:22' }],
  ['attacker.session.started', { source_ip: '::1', source_port: 22 }, { words: 'connected from [::1]:22' }],
  [
    'attacker.session.ended',
    { seconds: 81.4, logged_in: true, attempts: 3, commands: 1, artifacts: 0 },
    { type: 'disconnected', words: 'after 81 s, let in, 3 attempts, 1 command' },
  ],
  [
    'attacker.session.ended',
    { seconds: 0.2, logged_in: false, attempts: 0, commands: 0, artifacts: 0 },
    { words: 'after 0 s' },
  ],
  [
    'credential.captured',
    { credential_id: 'c-1', principal: 'root', accepted: false, leaked: true },
    { id: 'credential-c-1', type: 'leaked_secret', words: 'a secret that leaked here, as "root", refused' },
  ],
])('makes a row of %s', (topic, data, want) => {
  expect(rowOf(event(topic, data))).toMatchObject({ at: at(7), session: 's-1', decky: 'web-1', ...want });
});

it.each([
  ['credential.captured', { credential_id: 'c-1', leaked: false }],
  ['decky.web-1.state', { state: 'running' }],
  ['attacker.observed', {}],
  ['leak.finding.detected', {}],
  ['decky.web-1.traffic', { type: 'command', session: undefined }],
  ['decky.web-1.traffic', { type: 'command', occurred_at: 'yesterday' }],
])('shows nothing of %s %j', (topic, data) => {
  expect(rowOf(event(topic, data))).toBeNull();
});
