// The event log: of many topics, one hostile, one too long to draw. A search looks at so
// many events as state.eventSpan says, and gives up.
import { nightly } from './baselines.mjs';
import { json, problem } from './http.mjs';
import { addressOf, hostile, iso, uuid } from './sessions.mjs';

const minute = 60_000;
const kinds = [
  [
    'decky.web-1.traffic',
    'low',
    (n) => `${addressOf(n)} on web-1`,
    (n) => ({
      session: uuid('5e5', n),
      source_ip: addressOf(n),
      decky: 'web-1',
      service: 'ssh',
      type: 'command',
      summary: 'uname -a',
    }),
  ],
  [
    'leak.message.quarantined',
    'critical',
    () => 'GITHUB_TOKEN in chat',
    (n) => ({
      quarantine_id: uuid('a7a', n),
      fingerprint: `v1:k1:${n}`,
      rule: 'github-pat',
      redacted_content: 'token ghp_********9fK',
    }),
  ],
  [
    'egress.connection.denied',
    'medium',
    () => 'paste.example:443',
    (n) => ({
      decision_id: uuid('dec', n),
      host: 'paste.example',
      port: 443,
      program: '/usr/bin/python3',
      reason: 'default_policy',
    }),
  ],
  ['system.notify.health', 'info', () => '', () => ({ worker: 'notify', state: 'running' })],
  [
    'anomaly.brute_force.detected',
    'high',
    (n) => `brute_force by ${addressOf(n)}`,
    (n) => ({ episode_id: uuid('a0a', n), source_ip: addressOf(n), state: 'opened', count: 10 }),
  ],
  ['apikey.used', 'info', () => 'sshd', (n) => ({ name: 'sshd', source_ip: addressOf(n) })],
];

// Numbered from 1 to 600; the newest has the highest number. 598 is hostile, 597 very long.
export const initial = (scenario, now) => ({
  events: scenario === 'full' ? Array.from({ length: 600 }, (_, i) => event(600 - i, now)) : [],
  eventSpan: 50_000,
});

function event(n, now) {
  const [topic, severity, subject, data] = kinds[n % kinds.length];
  const e = {
    id: uuid('e7e', n),
    place: `2026-11-20/${n}`,
    topic,
    time: iso(now - (601 - n) * 3 * minute),
    source: `node-1/${topic.split('.')[0]}`,
    severity,
    subject: subject(n),
    correlation_id: n % 4 === 0 ? '' : uuid('c0c', Math.ceil(n / 6)),
    schema: 1,
    data: data(n),
  };
  if (n === 598) Object.assign(e, { subject: hostile, data: { ...e.data, summary: hostile } });
  if (n === 597) Object.assign(e, { data: { ...e.data, note: 'long '.repeat(20_000) } });
  if (n === 3 || n === 4) deviates(e, n);
  if (n === 1) Object.assign(e, { topic: 'egress.killswitch.changed', severity: 'critical', subject: 'on' });
  return e;
}

// One of a nightly job in ten minutes, then of its day.
function deviates(e, n) {
  const daily = n === 3;
  const observed = daily ? 96e6 : 42e6;
  Object.assign(e, {
    topic: 'egress.baseline.deviated',
    severity: 'high',
    subject: `${nightly.program} to ${nightly.host}`,
    data: {
      ...nightly,
      measure: daily ? 'bytes_out_daily' : 'bytes_out',
      unit: 'bytes',
      observed,
      usual: 4e6,
      spread: 1.6e6,
      limit: 12e6,
      window_seconds: daily ? 86_400 : 600,
      explanation: daily
        ? `96 MB to ${nightly.host} in a day that is not over; usual in a day 24 MB ± 4 MB`
        : `42 MB to ${nightly.host} in 10 min; usual at this hour 4 MB ± 1.6 MB`,
      occurred_at: `${e.time.slice(0, 10)}T03:20:00Z`,
    },
  });
}

const numberOf = (e) => Number(e.place.split('/')[1]);

export const routes = {
  'GET events': ({ state, res, q }) => {
    const limit = Number(q.get('limit') ?? 50);
    const before = Number(q.get('cursor') ?? Number.MAX_SAFE_INTEGER);
    const looked = state.events.filter((e) => numberOf(e) < before).slice(0, state.eventSpan);
    const found = looked.filter(matching(q));
    const items = found.slice(0, limit);
    const full = found.length >= limit;
    const end = full ? items.at(-1) : looked.at(-1);
    const more = end !== undefined && numberOf(end) > numberOf(state.events.at(-1));
    json(res, 200, {
      items,
      next_cursor: more ? String(numberOf(end)) : null,
      searched_to: more && !full ? end.time : null,
    });
  },
  'GET events/:id': ({ state, res, id }) => {
    const e = state.events.find((x) => x.id === id);
    if (e === undefined) return problem(res, 404, 'Not Found', `there is no event ${id}`);
    json(res, 200, e);
  },
};

const patternOf = (p) => new RegExp(`^${p.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace(/>$/, '.+')}$`);

const matching = (q) => {
  const topics = q.getAll('topic').map(patternOf);
  const severities = q.getAll('severity');
  const subject = q.get('subject')?.toLowerCase() ?? '';
  return (e) =>
    (topics.length === 0 || topics.some((t) => t.test(e.topic))) &&
    (severities.length === 0 || severities.includes(e.severity)) &&
    (!q.get('since') || Date.parse(e.time) >= Date.parse(q.get('since'))) &&
    (!q.get('until') || Date.parse(e.time) < Date.parse(q.get('until'))) &&
    (!q.get('correlation_id') || e.correlation_id === q.get('correlation_id')) &&
    e.subject.toLowerCase().includes(subject);
};
