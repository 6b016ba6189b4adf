import { expect, it } from 'vitest';
import type { EventRecord } from '../../api/types';
import { rawOf, waysOf } from './ways';

const event = (topic: string, data: unknown): EventRecord => ({
  id: 'e-1',
  place: '2026-03-14/1',
  topic,
  time: '2026-03-14T12:00:00Z',
  source: 'node-1/x',
  severity: 'high',
  subject: '',
  correlation_id: '',
  schema: 1,
  data,
});
const hrefs = (topic: string, data: unknown) => waysOf(event(topic, data)).map((w) => w.href);

it.each([
  ['incident.i-1.opened', { incident_id: 'i-1', source_ip: '203.0.113.9' }, ['/incidents?open=i-1']],
  [
    'leak.message.quarantined',
    { quarantine_id: 'q', fingerprint: 'v1:a' },
    ['/quarantine/q', '/findings?fingerprint=v1%3Aa'],
  ],
  [
    'anomaly.brute_force.detected',
    { episode_id: 'a', source_ip: '::1' },
    ['/anomalies?open=a', '/incidents?address=%3A%3A1'],
  ],
  ['egress.threshold.exceeded', { episode_id: 'a' }, []],
  [
    'decky.web-1.traffic',
    { session: 's', source_ip: '203.0.113.9' },
    ['/sessions?open=s', '/attackers?open=203.0.113.9', '/incidents?address=203.0.113.9'],
  ],
  ['system.webhook.tripped', { webhook: 'on call' }, ['/webhooks/on%20call']],
])('%s leads on', (topic, data, want) => expect(hrefs(topic, data)).toEqual(want));

it('leads nowhere from what is not what it seems', () => {
  for (const data of [null, 'x', ['session'], { session: 7, incident_id: { a: 1 } }, { __proto__: { session: 's' } }])
    expect(hrefs('decky.a.traffic', data)).toEqual([]);
  expect(hrefs('x.y', { session: '../../evil?x=1' })).toEqual(['/sessions?open=..%2F..%2Fevil%3Fx%3D1']);
});

it('draws no more of an event than a page can bear, and copies all', () => {
  const big = rawOf(event('x.y', { text: 'x'.repeat(100_000) }));
  expect([big.cut, big.shown.length]).toEqual([true, 65_536]);
  expect(JSON.parse(big.whole).data.text).toHaveLength(100_000);
  expect(rawOf(event('x.y', {})).cut).toBe(false);
});
