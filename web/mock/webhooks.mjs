// Webhooks and their deliveries.
import { done, json, page, problem } from './http.mjs';

const presets = [
  {
    name: 'Leaks',
    purpose: 'Secrets that were found where they do not belong, and what people decided about them.',
    patterns: ['leak.message.*', 'leak.quarantine.*', 'egress.leak.blocked'],
  },
  {
    name: 'AttackerDetail',
    purpose: 'Who attacks, with what, and what belongs together.',
    patterns: ['attacker.>', 'credential.>', 'identity.>', 'campaign.>', 'decky.*.traffic', 'canary.*.triggered'],
  },
  {
    name: 'DeckyStatus',
    purpose: 'Deckies, their topologies and baits, and how they change.',
    patterns: ['topology.>', 'decky.*.state', 'canary.*.placed'],
  },
  {
    name: 'SystemStatus',
    purpose: 'How Cordon itself is doing: workers, bus, sources, webhooks.',
    patterns: ['system.>', 'leak.source.*.state'],
  },
  {
    name: 'EgressAlerts',
    purpose:
      'What somebody should look at about what leaves: leaks, unknown endpoints, too many denials, unusual traffic, the kill switch.',
    patterns: [
      'egress.leak.blocked',
      'egress.endpoint.first_seen',
      'egress.threshold.exceeded',
      'egress.baseline.deviated',
      'egress.killswitch.changed',
    ],
  },
];
const formats = ['generic', 'slack', 'discord', 'teams', 'pagerduty', 'email', 'syslog', 'cef', 'template'].map(
  (name) => ({
    name,
    keyed: name === 'pagerduty',
  }),
);

export function initial(scenario, now) {
  if (scenario !== 'full') return { webhooks: [], deliveries: {} };
  const at = (ms) => new Date(now - ms).toISOString();
  const timeout = 'no answer within 10 s; is the receiver reachable from here?';
  const webhooks = [
    hook('audit-archive', {
      host: 'siem.internal.example:8443',
      topics: ['leak.>', 'system.>'],
      allow_private: true,
      managed: true,
      last: { at: at(40_000), ok: true, status: 204, error: '' },
    }),
    hook('on-call', {
      host: 'events.pagerduty.com',
      format: 'pagerduty',
      topics: presets[0].patterns,
      presets: ['Leaks'],
      min_severity: 'high',
      min_confidence: 0.9,
      state: 'tripped',
      failures: 5,
      auto_disabled_at: at(26 * 60_000),
      pending: 14,
      dead: 3,
      last: { at: at(26 * 60_000), ok: false, status: 0, error: timeout },
    }),
    hook('security-chat', {
      escalate: [{ after: '15m0s', to: 'on-call' }],
      host: 'hooks.slack.com',
      format: 'slack',
      topics: [...presets[0].patterns, 'leak.source.*.state'],
      presets: ['Leaks'],
      rules: ['github-pat', 'aws-access-key-id'],
      sources: ['agents-main'],
      digest: '15m0s',
      quiet: ['22:00-07:00'],
      timezone: 'Europe/Berlin',
      last: { at: at(90_000), ok: true, status: 200, error: '' },
    }),
    hook('staging', { host: '127.0.0.1:9000', topics: ['leak.message.*'], state: 'paused', signed: false }),
  ];
  const states = ['delivered', 'delivered', 'failed', 'delivered', 'dead', 'pending'];
  const deliveries = Object.fromEntries(
    webhooks.map((w) => [
      w.id,
      w.id === 'staging'
        ? []
        : Array.from({ length: 260 }, (_, i) => delivery(i, w.id === 'on-call' ? states[i % 6] : 'delivered', at)),
    ]),
  );
  return { webhooks, deliveries };
}

const hook = (id, change) => ({
  id,
  host: '',
  format: 'generic',
  topics: [],
  presets: [],
  min_severity: 'info',
  min_confidence: 0,
  rules: [],
  sources: [],
  allow_private: false,
  template: '',
  digest: '',
  quiet: [],
  timezone: '',
  urgent: 'critical',
  escalate: [],
  managed: false,
  signed: true,
  state: 'active',
  failures: 0,
  auto_disabled_at: null,
  pending: 0,
  dead: 0,
  last: null,
  version: 1,
  ...change,
});

function delivery(i, state, at) {
  const open = state === 'pending' || state === 'failed';
  const bad = state === 'failed' || state === 'dead';
  return {
    id: `msg_${String(i).padStart(32, '0')}`,
    event_id: `0199aaaa-0000-7000-8000-${String(i).padStart(12, '0')}`,
    topic: ['leak.message.quarantined', 'leak.quarantine.reviewed', 'leak.source.build-logs.state'][i % 3],
    severity: ['critical', 'info', 'high'][i % 3],
    subject: ['GITHUB_TOKEN in agents-main', 'confirmed by ana', 'build-logs is live'][i % 3],
    state,
    attempts: { pending: 0, failed: 2, delivered: 1, dead: 12 }[state],
    status: bad ? 503 : state === 'delivered' ? 204 : 0,
    error: bad ? 'the receiver answered 503 Service Unavailable; it is tried again later' : '',
    queued_at: at(i * 97_000 + 5_000),
    next_attempt_at: open ? at(-40_000) : null,
    done_at: open ? null : at(i * 97_000 + 4_000),
  };
}

export const routes = {
  'GET webhooks': ({ state, res }) => json(res, 200, { items: state.webhooks.map(shown), presets, formats }),
  'POST webhooks': ({ state, res, body }) => {
    const bad = fault(body, true);
    if (bad) return refuse(res, ...bad);
    if (state.webhooks.some((w) => w.id === body.id))
      return problem(res, 409, 'Conflict', `there is a webhook ${body.id} already; choose another id`);
    const made = hook(body.id, settings(body));
    state.webhooks.push(made);
    state.deliveries[made.id] = [];
    saved(res, 201, made, !body.secret && body.format !== 'pagerduty');
  },
  'GET webhooks/:id': (c) => with_(c, (w) => answer(c.res, w)),
  'PUT webhooks/:id': (c) =>
    with_(c, (w) => {
      if (c.req.headers['if-match'] !== etag(w))
        return problem(
          c.res,
          412,
          'Precondition Failed',
          `webhook ${w.id} has changed since you read it; read it again`,
        );
      const bad = fault(c.body, false);
      if (bad) return refuse(c.res, ...bad);
      Object.assign(w, settings(c.body), { version: w.version + 1 });
      saved(c.res, 200, w, c.body.new_secret);
    }),
  'DELETE webhooks/:id': (c) =>
    with_(c, (w) => {
      c.state.webhooks = c.state.webhooks.filter((x) => x !== w);
      done(c.res);
    }),
  'POST webhooks/:id/test': (c) =>
    with_(c, (w) => {
      const ok = w.id !== 'on-call';
      const d = {
        ...delivery(0, ok ? 'delivered' : 'dead', () => new Date().toISOString()),
        id: `msg_test_${Date.now()}`,
      };
      Object.assign(d, { topic: 'system.webhook.test', subject: 'A test', attempts: 1, status: ok ? 204 : 503 });
      c.state.deliveries[w.id].unshift(d);
      w.last = { at: d.queued_at, ok, status: d.status, error: d.error };
      json(c.res, 200, { ok, delivery: d });
    }),
  'POST webhooks/:id/enable': (c) =>
    with_(c, (w) => answer(c.res, Object.assign(w, { state: 'active', failures: 0, auto_disabled_at: null }))),
  'POST webhooks/:id/pause': (c) => with_(c, (w) => answer(c.res, Object.assign(w, { state: 'paused' }))),
  'GET webhooks/:id/deliveries': (c) =>
    with_(c, (w) => {
      const wanted = c.q.get('state');
      json(
        c.res,
        200,
        page(
          c.state.deliveries[w.id].filter((d) => !wanted || d.state === wanted),
          c.q,
        ),
      );
    }),
  'POST webhooks/:id/redeliver': (c) =>
    with_(c, (w) => {
      const dead = c.state.deliveries[w.id].filter((d) => d.state === 'dead');
      for (const d of dead) again(d);
      w.dead = 0;
      json(c.res, 200, { queued: dead.length });
    }),
  'POST webhooks/:id/deliveries/:sub/redeliver': ({ state, res, id, sub }) => {
    const found = state.deliveries[id]?.find((d) => d.id === sub);
    if (!found) return problem(res, 404, 'Not Found', `webhook ${id} has no delivery ${sub}; it may have expired`);
    again(found);
    json(res, 200, { queued: 1 });
  },
};

const again = (d) => Object.assign(d, { state: 'pending', attempts: 0, status: 0, error: '', done_at: null });

const with_ = ({ state, res, id }, then) => {
  const w = state.webhooks.find((x) => x.id === id);
  return w ? then(w) : problem(res, 404, 'Not Found', `there is no webhook ${id}; GET /api/v1/webhooks lists all`);
};

function settings({ url, presets: names = [], topics = [], reason, secret, new_secret, id, ...rest }) {
  const all = [...presets.filter((p) => names.includes(p.name)).flatMap((p) => p.patterns), ...topics];
  return { ...rest, presets: names, topics: all, ...(url && { host: new URL(url).host }) };
}

function fault(b, isNew) {
  if ((isNew || b.url) && !/^https?:\/\/[^/]+/.test(b.url))
    return ['body.url', 'url does not begin with https:// or http://'];
  if (!b.presets?.length && !b.topics?.length) return ['body.topics', 'topics are missing; leak.> is a good start'];
  const wrong = b.topics?.find((t) => /\s|>./.test(t));
  return wrong ? ['body.topics', `pattern ${wrong}: > stands only at the end`] : undefined;
}

const refuse = (res, location, message) => problem(res, 422, 'Unprocessable Entity', message, [{ location, message }]);

const etag = (w) => `"${w.version}"`;
const shown = ({ version, ...w }) => w;

function answer(res, w) {
  res.setHeader('ETag', etag(w));
  json(res, 200, shown(w));
}

function saved(res, status, w, withSecret) {
  res.setHeader('ETag', etag(w));
  json(res, status, { ...shown(w), secret: withSecret ? `whsec_${'Demo'.repeat(11)}` : null });
}
