// Anomaly rules: of files and made here, on, off, one that cannot run, one hostile. A replay
// counts made-up failed logins: real enough to be drawn.
import { done, json, problem } from './http.mjs';
import { hostile } from './sessions.mjs';

const hour = 3_600_000;
const minute = 60_000;
const iso = (at) => new Date(at).toISOString();

export const initial = (scenario, now) => ({
  anomalyRules: scenario === 'full' ? all(now) : [],
  anomalyRulesRefused: '',
});

const plain = (id, count, more) => ({
  id,
  description: '',
  on: ['auth_failed'],
  steps: [{ on: ['auth_failed'], when: '', count: 1 }],
  by: 'ip',
  form: 'threshold',
  words: `${count} auth_failed from one address within 10 minutes`,
  count,
  window_seconds: 600,
  cooldown_seconds: 600,
  severity: 'medium',
  cost: 0,
  origin: 'custom',
  from: '',
  enabled: true,
  problem: '',
  opened: 0,
  last_opened_at: null,
  updated_at: null,
  updated_by: null,
  text: `id: ${id}\non: [auth_failed]\nthreshold: ${count}\nwindow: 10m\n`,
  history: [],
  ...more,
});

const step = (at, action, what, reason = '', who = 'ana') => ({
  time: iso(at),
  action,
  what,
  old_text: null,
  new_text: null,
  who,
  reason,
});

const all = (now) => [
  plain('break_in', 6, {
    description: 'Guessing, and then the administration answers.',
    on: ['auth_failed', 'http_request'],
    form: 'sequence',
    words: '5 auth_failed, then 1 http_request from one address within 15 minutes',
    severity: 'critical',
    cost: 412,
    origin: 'file',
    from: '/etc/cordon/rules.yaml',
    opened: 2,
    last_opened_at: iso(now - 70 * hour),
    text: 'id: break_in\ndescription: Guessing, and then the administration answers.\nsequence:\n  - on: [auth_failed]\n    count: 5\n  - on: [http_request]\n    when: attributes.path.startsWith("/admin") && attributes.status == "200"\nwindow: 15m\nseverity: critical\n',
  }),
  plain('spraying', 8, {
    description: 'One password, many users.',
    form: 'distinct',
    words: '8 different values of user from one address within 30 minutes; over after 6 hours of quiet',
    origin: 'file',
    from: '/etc/cordon/rules.yaml',
    enabled: false,
    opened: 41,
    last_opened_at: iso(now - 9 * hour),
    updated_at: iso(now - 8 * hour),
    updated_by: 'ana',
    history: [step(now - 8 * hour, 'update', 'switched off', 'the pen test runs until Friday')],
  }),
  plain('dear_paths', 20, {
    on: ['http_request'],
    words: '20 http_request from one address within 5 minutes',
    problem: 'when: with the rules before it, the conditions about http_request may cost too much to compute',
    cost: 2411,
    severity: 'low',
  }),
  plain('future', 0, {
    steps: [],
    on: [],
    by: '',
    form: '',
    words: '',
    severity: '',
    window_seconds: 0,
    cooldown_seconds: 0,
    problem: 'what is stored cannot be read: line 4: unknown field "blocks"',
    text: 'id: future\non: [auth_failed]\nthreshold: 2\nblocks: {}\n',
  }),
  plain('odd_words', 3, {
    description: hostile,
    severity: 'low',
    text: `id: odd_words\ndescription: ${JSON.stringify(hostile)}\n`,
  }),
  plain('vpn_guessing', 5, {
    description: 'Our VPN has few users and no patience.',
    steps: [{ on: ['auth_failed'], when: 'attributes.service == "vpn"', count: 1 }],
    severity: 'high',
    cost: 12,
    opened: 17,
    last_opened_at: iso(now - 40 * minute),
    updated_at: iso(now - 30 * hour),
    updated_by: 'ben',
    text: 'id: vpn_guessing\n# few users, no patience\ndescription: Our VPN has few users and no patience.\non: [auth_failed]\nwhen: attributes.service == "vpn"\nthreshold: 5\nwindow: 10m\nseverity: high\n',
    history: [
      step(
        now - 30 * hour,
        'update',
        '10 auth_failed from one address within 10 minutes -> 5 auth_failed from one address within 10 minutes',
        'two slipped by on Tuesday',
        'ben',
      ),
      step(now - 400 * hour, 'add', 'added: 10 auth_failed from one address within 10 minutes', 'the new VPN'),
    ],
  }),
];

const etag = (r) => `"${r.id}-${r.history.length}"`;

function answer(res, status, r) {
  res.setHeader('ETag', etag(r));
  json(res, status, r);
}

// Of two of an id the operator's, unless the other is asked for.
function withRule(state, res, id, then, origin) {
  const found = ['custom', 'file']
    .filter((o) => !origin || o === origin)
    .map((o) => state.anomalyRules.find((r) => r.id === id && r.origin === o))
    .find((r) => r !== undefined);
  return found ? then(found) : problem(res, 404, 'Not Found', `there is no such anomaly rule`);
}

const short = ({ text, history, ...r }) => r;

const refuse = (res, location, message) =>
  problem(res, 422, 'Unprocessable Entity', `${location}: ${message}`, [{ location, message }]);

const keys = [
  'id',
  'description',
  'on',
  'when',
  'by',
  'threshold',
  'distinct',
  'sequence',
  'window',
  'cooldown',
  'severity',
];

/** What is wrong with a text: only keys that nobody knows are found here. */
function wrong(text) {
  const lines = text.split('\n');
  const at = lines.findIndex((l) => /^\w+:/.test(l) && !keys.includes(l.split(':')[0]));
  return at < 0 ? '' : `line ${at + 1}: unknown field "${lines[at].split(':')[0]}"`;
}

const value = (text, key) => text.match(new RegExp(`^${key}: *(.*)$`, 'm'))?.[1] ?? '';

function read(text) {
  const threshold = Number(value(text, 'threshold') || 5);
  return {
    text,
    count: threshold,
    description: value(text, 'description'),
    severity: value(text, 'severity') || 'medium',
    words: `${threshold} auth_failed from one address within 10 minutes`,
  };
}

export const routes = {
  'GET anomaly/rules': ({ state, res }) =>
    json(res, 200, { items: state.anomalyRules.map(short), refused: state.anomalyRulesRefused, max_cost: 40_000 }),
  'GET anomaly/rules/:sub': ({ state, res, sub, q }) =>
    withRule(state, res, sub, (r) => answer(res, 200, r), q.get('origin')),
  'POST anomaly/rules': ({ state, res, body, now }) => {
    const bad = wrong(body.text);
    if (bad) return refuse(res, 'body.text', bad);
    const made = plain(value(body.text, 'id'), 5, {
      ...read(body.text),
      history: [step(now, 'add', `added: ${read(body.text).words}`, body.reason)],
    });
    state.anomalyRules.push(made);
    answer(res, 201, made);
  },
  'PUT anomaly/rules/:sub': ({ state, req, res, sub, body, now }) =>
    withRule(state, res, sub, (r) => {
      const bad = body.text === undefined ? '' : wrong(body.text);
      if (bad) return refuse(res, 'body.text', bad);
      if (req.headers['if-match'] !== etag(r))
        return problem(res, 412, 'Precondition Failed', 'the rule has changed since you read it; read it again');
      const what = body.text === undefined ? `switched ${body.enabled ? 'on' : 'off'}` : 'other details';
      Object.assign(r, body.text === undefined ? { enabled: body.enabled } : read(body.text));
      r.history.unshift(step(now, 'update', what, body.reason));
      answer(res, 200, r);
    }),
  'DELETE anomaly/rules/:sub': ({ state, res, sub }) => {
    state.anomalyRules = state.anomalyRules.filter((r) => r.id !== sub || r.origin === 'file');
    done(res);
  },
  'POST anomaly/rules/try': ({ state, res, body, now }) => {
    const bad = wrong(body.text);
    if (bad) return refuse(res, 'body.text', bad);
    if (body.records?.includes('weather'))
      return refuse(res, 'body.records', 'line 1: it is no record: kind "weather" is not one of auth_failed');
    const to = Math.floor(now / minute) * minute;
    const from = body.since ? new Date(body.since).getTime() : to - hour;
    const known = state.anomalyRules.find((r) => r.id === value(body.text, 'id'));
    json(res, 200, {
      rule: value(body.text, 'id'),
      from: iso(from),
      to: iso(to),
      records: 18_442,
      cut: to - from > 100 * hour ? 'records' : '',
      cold: false,
      draft: outcome(read(body.text), from, to),
      ...(known !== undefined && { now: { ...outcome(known, from, to), runs: known.enabled && known.problem === '' } }),
    });
  },
};

/** Three attackers and the noise between them, drawn in 96 parts. */
function outcome(r, from, to) {
  const width = Math.max(1, Math.round((to - from) / 96 / 1000)) * 1000;
  const waves = [
    [12, 9, 7, '203.0.113.9'],
    [40, 5, 14, '198.51.100.23'],
    [44, 3, 6, '2001:db8:0:9::/64'],
    [88, 8, 11, '203.0.113.77'],
  ];
  const buckets = Array.from({ length: 96 }, (_, i) => {
    const peak = Math.max(
      i % 7 === 3 ? 2 : i % 3 === 0 ? 1 : 0,
      ...waves.map(([at, long, top]) => (i < at || i >= at + long ? 0 : Math.min(top, 2 + (i - at) * 3))),
    );
    return { at: iso(from + i * width), matched: peak * 3, peak };
  });
  const episodes = waves
    .filter(([, , top]) => top >= r.count)
    .map(([at, long, top, key]) => ({
      key_kind: 'ip',
      key,
      count: top * long,
      grown: 2,
      opened_at: iso(from + (at + 1) * width),
      seen_at: iso(from + (at + long) * width),
      closed_at: at + long >= 96 ? null : iso(from + (at + long) * width + 10 * minute),
      user: 'root',
      source_ip: key.replace('::/64', '::9'),
      detail: '',
    }));
  return {
    words: r.words,
    runs: false,
    form: r.form || 'threshold',
    threshold: r.count,
    window_seconds: 600,
    matched: buckets.reduce((n, b) => n + b.matched, 0),
    keyless: 3,
    unjudged: false,
    already: 1,
    opened: episodes.length,
    episodes,
    bucket_seconds: width / 1000,
    buckets,
  };
}
