// The audit log.
import { createHash } from 'node:crypto';
import { json, page, problem } from './http.mjs';

const minute = 60_000;
const sha = (text) => createHash('sha256').update(text).digest('hex');
const uuid = (n) => `0199b2c4-0000-7000-8000-${String(n).padStart(12, '0')}`;

const deeds = [
  [
    'quarantine.review',
    { reviewed: false },
    { reviewed: true, action: 'confirmed' },
    'token of the staging account, revoked',
  ],
  ['user.update', { role: 'viewer', disabled: false }, { role: 'reviewer', disabled: false }, 'on call from December'],
  [
    'webhook.update',
    { url: '[redacted]', topics: ['leak.>'], min_severity: 'low', format: 'slack' },
    { url: '[redacted]', topics: ['leak.>', 'system.>'], min_severity: 'high', format: 'slack', allow_private: true },
    'less noise in the channel',
  ],
  ['rule.update', { id: 'jwt', severity: 'low', active: true }, { id: 'jwt', severity: 'medium', active: true }, ''],
  ['apikey.revoke', { name: 'ci', role: 'viewer' }, null, 'the runner was rebuilt'],
  ['user.login', null, null, ''],
  ['worker.stop', { state: 'running' }, { state: 'stopped' }, 'the folder moves to another disk'],
  ['config.reload', null, { changed: ['leak.sources drop-folder: added'] }, ''],
];
const targets = {
  user: 'bo',
  webhook: 'on-call',
  rule: 'jwt',
  apikey: 'ci',
  worker: 'eu-1/leak-drop-folder',
  config: '/etc/cordon/cordon.yaml',
};
const actors = [
  { kind: 'user', name: 'ana', role: 'admin', addr: '10.0.4.17' },
  { kind: 'user', name: 'bo', role: 'reviewer', addr: '10.0.4.22' },
  { kind: 'api_key', name: 'ci', role: 'responder', addr: '10.2.0.9' },
  { kind: 'local', name: 'root', role: 'admin', addr: '' },
  { kind: 'system', name: 'retention', role: '', addr: '' },
];

function record(seq, n, now) {
  const [action, before, after, reason] = deeds[(seq * 3) % deeds.length];
  const target = targets[action.split('.')[0]] ?? uuid(seq);
  return {
    seq,
    id: uuid(10_000 + seq),
    time: new Date(now - (n - seq) * 37 * minute).toISOString(),
    actor: actors[(seq * 7) % actors.length],
    action,
    target,
    reason,
    before,
    after,
    hash: sha(`record ${seq}`),
  };
}

/** What attackers write where the log keeps it. */
const hostile = {
  actor: { kind: 'user', name: '<b>root</b>\u202egnp', role: 'viewer', addr: '203.0.113.9' },
  target: '=HYPERLINK("http://evil.example","click")',
  reason: '\u001b[31m<script>alert(1)</script>',
};

export function initial(scenario, now) {
  const n = scenario === 'full' ? 240 : 0;
  const records = Array.from({ length: n }, (_, i) => record(n - i, n, now));
  if (n > 0) Object.assign(records[1], hostile);
  return { records, tampered: false };
}

export const routes = {
  'GET audit': ({ state, res, q }) =>
    json(
      res,
      200,
      page(
        state.records.filter((r) => keep(r, q)),
        q,
        (r) => r.seq,
      ),
    ),
  'POST audit/verify': ({ state, res, body }) => json(res, 200, report(state, body.checkpoint)),
  'POST audit/checkpoint': ({ state, res }) =>
    state.tampered
      ? problem(res, 409, 'Conflict', 'record 117 is not what it was; verify the log before it is signed')
      : json(res, 200, checkpoint(state)),
};

function keep(r, q) {
  const action = q.get('action');
  const time = Date.parse(r.time);
  return (
    (!q.get('actor') || r.actor.name === q.get('actor')) &&
    (!q.get('target') || r.target === q.get('target')) &&
    (!action || (action.endsWith('*') ? r.action.startsWith(action.slice(0, -1)) : r.action === action)) &&
    (!q.get('from') || time >= Date.parse(q.get('from'))) &&
    (!q.get('to') || time <= Date.parse(q.get('to')))
  );
}

const checkpoint = (state) => ({
  seq: state.records.length,
  hash: state.records[0]?.hash ?? '',
  time: new Date().toISOString(),
  key_id: 'c41d9a02',
  public_key: sha('public'),
  signature: sha('one') + sha('two'),
});

function report(state, given) {
  const n = state.records.length;
  const problems = [];
  if (state.tampered)
    problems.push({
      seq: 117,
      kind: 'changed',
      detail: 'record 117 (user.update by bo): its hash does not fit its content',
    });
  if (given && given.hash !== state.records.find((r) => r.seq === given.seq)?.hash)
    problems.push({
      seq: given.seq,
      kind: 'rewritten',
      detail: `the checkpoint of record ${given.seq} names another hash`,
    });
  return {
    ok: problems.length === 0,
    records: n,
    last_seq: n,
    last_hash: state.records[0]?.hash ?? '',
    checkpoints: 3 + (given ? 1 : 0),
    signed_up_to: n - 2,
    problems,
    more_problems: 0,
    not_proved: [
      'The two records after the last checkpoint are only chained: whoever owns the machine could rewrite them.',
      'Whoever holds the signing key can sign another log. Compare with a checkpoint that was kept elsewhere.',
    ],
  };
}
