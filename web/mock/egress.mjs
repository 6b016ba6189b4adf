// The egress sensor: decisions, destinations, the policy, the kill switch.
import { json, page, problem } from './http.mjs';

const minute = 60_000;
const uuid = (n) => `0199b2c5-0000-7000-8000-${String(n).padStart(12, '0')}`;
const iso = (t) => new Date(t).toISOString();

const asked = [
  ['api.stripe.example', 443, 'allow', 'rule', 'payments', 'https', '/usr/bin/python3', ''],
  ['paste.example', 443, 'deny', 'default_policy', '', 'https', '/usr/bin/curl', 'no rule names paste.example'],
  [
    '169.254.169.254',
    80,
    'deny',
    'metadata_address',
    '',
    'http',
    '/opt/agent/bin/agent',
    'a metadata service is closed in every mode',
  ],
  ['registry.npmjs.example', 443, 'allow', 'rule', 'packages', 'tls', '/usr/bin/node', ''],
  [
    'db.internal.example',
    5432,
    'deny',
    'tls_required',
    'database',
    'postgres',
    '/usr/bin/psql',
    'the stream is not encrypted',
  ],
  ['2001:db8::17', 22, 'deny', 'default_policy', '', 'ssh', '', 'no rule names 2001:db8::17'],
];

export const initial = (scenario, now) => ({
  decisions: scenario === 'full' ? Array.from({ length: 260 }, (_, i) => decision(260 - i, now)) : [],
  killSwitch: { active: false, reason: '', by: '', since: null },
  versions: scenario === 'full' ? versions(now) : [],
  policyProblem: '',
});

function decision(n, now) {
  const [host, port, verdict, reason, rule, protocol, exe, detail] = asked[(n * 5) % asked.length];
  const web = protocol.startsWith('http');
  return {
    id: uuid(n),
    seq: n,
    node: 'eu-1',
    flow: uuid(90_000 + n),
    time: iso(now - (260 - n) * 3 * minute),
    decision: verdict,
    rule,
    reason,
    detail,
    would: '',
    entry: web ? 'http' : 'connect',
    client: '127.0.0.1',
    host,
    port,
    address: verdict === 'allow' ? '203.0.113.9' : '',
    protocol,
    method: web ? 'POST' : '',
    url: web ? `${protocol}://${host}/v1/items?token=[40 bytes]` : '',
    bytes_out: verdict === 'allow' ? 1_800 + n : 0,
    bytes_in: verdict === 'allow' ? 64_000 + n : 0,
    ended_at: verdict === 'allow' ? iso(now - (260 - n) * 3 * minute + 900) : null,
    cut: '',
    pid: exe === '' ? 0 : 4000 + n,
    exe,
    cmdline: exe === '' ? '' : `${exe} --job ${n}`,
    source_file: '',
    source_line: 0,
    function: '',
    findings: [],
  };
}

const first = `# What may leave this node.
mode: audit
default_policy: allow
`;
const second = `# What may leave this node.
mode: strict
default_policy: deny

allowlist:
  rules:
    - id: payments
      host: api.stripe.example
      ports: [443]
      description: the shop's payments
`;
const third = `${second}    - id: packages
      host: registry.npmjs.example
      description: installing what the build needs
`;

const versions = (now) =>
  [first, second, third].map((document, i) => ({
    version: i + 1,
    hash: `hash-${i + 1}`,
    author: ['policy file', 'ana', 'bo'][i],
    reason: ['the policy file was changed', 'enforced after two weeks of watching', 'the build installs packages'][i],
    origin: ['file', 'api', 'api'][i],
    time: iso(now - (3 - i) * 30 * 60 * minute),
    document,
  }));

const brief = ({ document: _, ...v }) => v;

export const routes = {
  'GET egress': ({ state, res }) => json(res, 200, status(state)),
  'GET egress/decisions': ({ state, res, q }) => json(res, 200, page(state.decisions.filter(matching(q)), q)),
  'GET egress/stats': ({ state, res, now }) => json(res, 200, stats(state.decisions, now)),
  'GET egress/flows': ({ res }) => json(res, 200, { items: [] }),
  'GET egress/destinations': ({ state, res }) => json(res, 200, { items: destinations(state.decisions) }),
  'GET egress/killswitch': ({ state, res }) => json(res, 200, state.killSwitch),
  'POST egress/killswitch': turn,
  'GET egress/policy': ({ state, res }) => {
    const now = state.versions.at(-1);
    if (now === undefined) return problem(res, 404, 'Not Found', 'there is no such policy');
    res.setHeader('ETag', `"${now.hash}"`);
    json(res, 200, now);
  },
  'PUT egress/policy': put,
  'POST egress/policy/check': check,
  'POST egress/policy/dry-run': dryRun,
  'POST egress/policy/rollback': ({ state, res, body, now }) => {
    const old = state.versions.find((v) => v.version === body.version);
    if (old === undefined) return problem(res, 404, 'Not Found', 'there is no such policy');
    json(res, 200, add(state, old.document, body.reason, 'rollback', now));
  },
  'GET egress/policy/versions': ({ state, res }) =>
    json(res, 200, { items: state.versions.map(brief).reverse(), next_before: null }),
  'GET egress/:id/versions/:sub': ({ state, res, sub }) => {
    const v = state.versions.find((x) => x.version === Number(sub));
    return v ? json(res, 200, v) : problem(res, 404, 'Not Found', 'there is no such policy');
  },
};

// What was decided since midnight; the real one tells it by day and reason, too.
function stats(decisions, now) {
  const today = decisions.filter((d) => d.time.slice(0, 10) === iso(now).slice(0, 10));
  const denied = today.filter((d) => d.decision === 'deny').length;
  return { allowed: today.length - denied, denied, days: [] };
}

function status(state) {
  const now = state.versions.at(-1);
  return {
    listen: '127.0.0.1:8421',
    mode: now?.document.includes('audit') ? 'audit' : 'strict',
    default_policy: now?.document.includes('default_policy: allow') ? 'allow' : 'deny',
    network_enabled: true,
    localhost_only: false,
    rules: now?.document.split('- id:').length - 1 || 0,
    version: now?.version ?? 0,
    problem: state.policyProblem,
    unsupported: [],
    kill_switch: state.killSwitch,
    recording: '',
    flows: state.killSwitch.active ? 0 : 17,
  };
}

const matching = (q) => (d) =>
  (!q.get('verdict') || d.decision === q.get('verdict')) &&
  (!q.get('host') || d.host === q.get('host')) &&
  (!q.get('program') || d.exe === q.get('program')) &&
  (!q.get('rule') || d.rule === q.get('rule'));

function destinations(all) {
  const by = new Map();
  for (const d of all) {
    const known = by.get(d.host) ?? {
      host: d.host,
      allowed: 0,
      denied: 0,
      bytes_out: 0,
      bytes_in: 0,
      last_seen: d.time,
    };
    known[d.decision === 'allow' ? 'allowed' : 'denied']++;
    known.bytes_out += d.bytes_out;
    known.bytes_in += d.bytes_in;
    by.set(d.host, { ...known, first_seen: d.time, last_decision: d.decision, last_reason: d.reason });
  }
  return [...by.values()];
}

function turn({ state, res, body, now, send }) {
  if (!body.reason?.trim()) return problem(res, 422, 'Unprocessable Entity', 'body.reason: is empty; say why');
  if (!body.active && state.role !== 'admin')
    return problem(res, 403, 'Forbidden', 'only an admin may turn the kill switch off');
  state.killSwitch = { active: body.active, reason: body.reason, by: 'ana', since: iso(now) };
  send('egress.killswitch.changed', 'critical', { ...state.killSwitch, changed_by: 'ana' });
  json(res, 200, state.killSwitch);
}

const wrong = (document) => (document.includes('nonsense') ? 'line 2: nonsense: there is no such key' : '');

function put({ state, req, res, body, now }) {
  const etag = req.headers['if-match'];
  if (etag && etag !== `"${state.versions.at(-1)?.hash}"`)
    return problem(res, 412, 'Precondition Failed', 'the policy was changed meanwhile; read it again');
  if (wrong(body.document)) return problem(res, 422, 'Unprocessable Entity', `body.document: ${wrong(body.document)}`);
  json(res, 200, add(state, body.document, body.reason, 'api', now));
}

function check({ state, res, body }) {
  const document = body.document;
  const before =
    state.versions.find((v) => v.version === body.against)?.document ?? state.versions.at(-1)?.document ?? '';
  const line = document.split('\n').findIndex((l) => l.includes('nonsense')) + 1;
  if (line > 0)
    return json(res, 200, {
      ...unchecked,
      problems: [{ line, key: 'nonsense', problem: 'is no key of a policy', hint: 'remove it' }],
    });
  const rules = (text) => [...text.matchAll(/host: (\S+)/g)].map((m) => m[1]);
  const [old, now] = [rules(before), rules(document)];
  const differ = (kind, list) =>
    list.map((h) => ({ kind, what: `rule ${h}:443`, text: `would ${kind === 'added' ? 'add' : 'remove'}: ${h}:443` }));
  json(res, 200, {
    ...unchecked,
    tests: [
      {
        name: 'what nobody named is refused',
        line: 4,
        passed: !document.includes('default_policy: allow'),
        want: 'deny',
        got: 'allow',
        reason: 'default_policy',
      },
    ],
    differences: [
      ...differ(
        'removed',
        old.filter((h) => !now.includes(h)),
      ),
      ...differ(
        'added',
        now.filter((h) => !old.includes(h)),
      ),
    ],
  });
}

const unchecked = { problems: [], tests: [], differences: [], more_differences: 0, unsupported: [] };

function add(state, document, reason, origin, now) {
  const version = state.versions.length + 1;
  const v = { version, hash: `hash-${version}`, author: 'ana', reason, origin, time: iso(now), document };
  state.versions.push(v);
  return v;
}

function dryRun({ state, res, body }) {
  if (wrong(body.document)) return problem(res, 422, 'Unprocessable Entity', `body.document: ${wrong(body.document)}`);
  const all = destinations(state.decisions);
  const changes = all
    .filter((d) => d.last_decision === 'allow' && !body.document.includes(d.host))
    .map((d) => ({
      host: d.host,
      port: 443,
      was: 'allow',
      now: 'deny',
      reason: 'default_policy',
      rule: '',
      count: d.allowed,
    }));
  const blocked = changes.reduce((n, c) => n + c.count, 0);
  json(res, 200, { total: state.decisions.length, newly_blocked: blocked, newly_allowed: 0, notes: [], changes });
}

/** Adds a decision and tells of it, as the gateway would. */
export function decide(state, send) {
  const d = decision(state.decisions.length + 1, Date.now());
  d.id = uuid(500_000 + state.decisions.length);
  d.time = iso(Date.now());
  d.host = 'fresh.example';
  state.decisions.unshift(d);
  send(`egress.connection.${d.decision === 'allow' ? 'allowed' : 'denied'}`, 'low', {
    decision_id: d.id,
    host: d.host,
  });
  return d;
}
