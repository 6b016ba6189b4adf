// What programs asked for the first time, and the programs.
import { json, page, problem } from './http.mjs';

const minute = 60_000;
const uuid = (n) => `0199b2c6-0000-7000-8000-${String(n).padStart(12, '0')}`;
const iso = (t) => new Date(t).toISOString();

const seen = [
  ['paste.example', 443, 'deny', 'default_policy', '', 'https', '/usr/bin/curl'],
  ['registry.npmjs.example', 443, 'allow', 'rule', 'packages', 'tls', '/usr/bin/node'],
  ['169.254.169.254', 80, 'deny', 'metadata_address', '', 'http', '/opt/agent/bin/agent'],
  ['telemetry.vendor.example', 443, 'deny', 'default_policy', '', 'https', '/opt/agent/bin/agent'],
  ['2001:db8::17', 22, 'deny', 'default_policy', '', 'ssh', ''],
  ['api.stripe.example', 443, 'allow', 'rule', 'payments', 'https', '/usr/bin/python3'],
];

export const initial = (scenario, now) => ({
  endpoints: scenario === 'full' ? Array.from({ length: 64 }, (_, i) => endpoint(64 - i, now)) : [],
});

function endpoint(n, now) {
  const [host, port, decision, reason, rule, protocol, program] = seen[n % seen.length];
  const reviewed = n % 6 === 5;
  const allowed = decision === 'allow' ? 12 + n : 0;
  return {
    id: uuid(n),
    node: 'eu-1',
    state: reviewed ? 'reviewed' : 'new',
    program,
    host: n > 58 ? host : `h${n}.${host}`,
    port,
    address: allowed > 0 ? '203.0.113.9' : '',
    protocol,
    first_seen: iso(now - (64 - n) * 17 * minute),
    last_seen: iso(now - (64 - n) * 5 * minute),
    allowed,
    denied: decision === 'deny' ? 3 + n : 0,
    bytes_out: allowed * 1800,
    bytes_in: allowed * 64_000,
    last_decision: decision,
    last_reason: reason,
    last_rule: rule,
    verdict: reviewed ? 'allow_host' : null,
    note: reviewed ? 'the shop needs it' : '',
    reviewed_by: reviewed ? 'bo' : '',
    reviewed_at: reviewed ? iso(now - n * minute) : null,
  };
}

export const routes = {
  'GET egress/endpoints': ({ state, res, q }) =>
    json(res, 200, {
      ...page(state.endpoints.filter(matching(q)), q),
      waiting: state.endpoints.filter((e) => e.state === 'new').length,
      folded: state.endpoints.length > 0 ? 1200 : 0,
    }),
  'GET egress/endpoints/:sub': ({ state, res, sub }) => {
    const e = state.endpoints.find((x) => x.id === sub);
    if (e === undefined) return problem(res, 404, 'Not Found', `there is no endpoint ${sub}`);
    res.setHeader('ETag', `"${e.reviewed_at}"`);
    json(res, 200, e);
  },
  'POST egress/endpoints/:sub': review,
  'GET egress/programs': ({ state, res }) => json(res, 200, { items: programs(state.endpoints) }),
};

const matching = (q) => (e) =>
  (!q.get('state') || e.state === q.get('state')) &&
  (!q.get('host') || e.host === q.get('host')) &&
  (!q.get('program') || e.program === q.get('program'));

function review({ state, res, req, sub, body, now }) {
  const e = state.endpoints.find((x) => x.id === sub);
  if (e === undefined) return problem(res, 404, 'Not Found', `there is no endpoint ${sub}`);
  if (req.headers['if-match'] && req.headers['if-match'] !== `"${e.reviewed_at}"`)
    return problem(res, 412, 'Precondition Failed', 'the endpoint was reviewed since you read it; read it again');
  if (body.verdict !== 'deny' && state.role !== 'admin')
    return problem(res, 403, 'Forbidden', 'this verdict changes the policy, which only an admin may');
  Object.assign(e, {
    state: 'reviewed',
    verdict: body.verdict,
    note: body.reason,
    reviewed_by: 'ana',
    reviewed_at: iso(now),
  });
  json(res, 200, e);
}

function programs(all) {
  const by = new Map();
  for (const e of all) {
    const p = by.get(e.program) ?? {
      program: e.program,
      destinations: 0,
      waiting: 0,
      allowed: 0,
      denied: 0,
      bytes_out: 0,
      bytes_in: 0,
      last_seen: e.last_seen,
    };
    p.destinations++;
    if (e.state === 'new') p.waiting++;
    for (const sum of ['allowed', 'denied', 'bytes_out', 'bytes_in']) p[sum] += e[sum];
    by.set(e.program, { ...p, first_seen: e.first_seen });
  }
  return [...by.values()];
}
