// Made-up data in the shapes of docs/openapi.json. Nothing here is a secret:
// the dashboard only ever gets redacted text.

const kinds = [
  ['github-pat', 'GITHUB_TOKEN', 'critical', 'export GITHUB_TOKEN=ghp_****x7Q && git push origin main', 0.99],
  [
    'aws-access-key',
    'AWS_ACCESS_KEY',
    'critical',
    '{"env":{"AWS_ACCESS_KEY_ID":"AKIA****XYZ","region":"eu-west-1"}}',
    0.97,
  ],
  [
    'private-key-pem',
    'PRIVATE_KEY',
    'critical',
    '-----BEGIN EC PRIVATE KEY-----\n****\n-----END EC PRIVATE KEY-----',
    1,
  ],
  [
    'slack-bot-token',
    'SLACK_TOKEN',
    'high',
    'curl -H "Authorization: Bearer xoxb****f3c" https://hooks.internal/notify',
    0.95,
  ],
  ['postgres-url', 'DATABASE_URL', 'high', 'DATABASE_URL=postgres://app:****@db.internal:5432/orders', 0.9],
  ['jwt', 'JWT', 'medium', 'cookie: session=eyJh****9aE; Path=/', 0.82],
  ['generic-api-key', 'API_KEY', 'medium', 'api_key = "sk_l****o2P"  # rotate before the release', 0.71],
  ['high-entropy', 'HIGH_ENTROPY_STRING', 'low', 'trace id or key? 9f2c****b1d', 0.41],
];
const sourceIds = ['agents-main', 'build-logs', 'drop-folder', 'gossip-relay'];
const senders = ['agent-7', 'agent-12', 'ci-runner', 'planner', 'worker-eu-3'];
const minute = 60_000;
const hex = (seed, n) => {
  let out = '';
  for (let x = (seed + 1) * 40503; out.length < n; x = (Math.imul(x, 1664525) + 1013904223) >>> 0)
    out += (x >>> 28).toString(16);
  return out;
};
const uuid = (n) =>
  `0199${hex(n, 4)}-${hex(n + 1, 4)}-7${hex(n + 2, 3)}-8${hex(n + 3, 3)}-${String(n).padStart(12, '0')}`;
const iso = (ms) => new Date(ms).toISOString().replace('Z', '123Z');

const advice = {
  GITHUB_TOKEN:
    'Revoke the token under GitHub, Settings, Developer settings, and look through the audit log for its use since then.',
  AWS_ACCESS_KEY: 'Deactivate the key in IAM, look through CloudTrail for its use, then delete it and issue a new one.',
};

export function quarantineRow(n, now, change = {}) {
  const [rule, secret_type, severity, redacted_content, confidence] = kinds[(n * 5 + (n >> 2)) % kinds.length];
  const reviewed = n % 7 === 3 || n % 11 === 5;
  const at = now - n * n * 0.35 * minute - n * 3 * minute - 20_000;
  return {
    id: uuid(n),
    timestamp: iso(at),
    source: sourceIds[n % 4],
    hypercore_position: n % 4 === 2 ? null : 58_321 - n * 13,
    core_key: n % 4 === 0 ? hex(7, 64) : '',
    fork: 0,
    bzzz_message_id: hex(n + 40, 40),
    message_type: n % 4 === 2 ? '' : ['task.result', 'chat', 'tool.output'][n % 3],
    from: n % 4 === 2 ? '' : senders[n % 5],
    label: n % 4 === 2 ? `incoming/report-${n}.json` : '',
    rule,
    secret_type,
    severity,
    confidence,
    redacted_content,
    full_content_hash: `v1:4f1c:${hex(n + 9, 64)}`,
    fingerprint: `v1:4f1c:${hex((n % 23) + 900, 64)}`,
    occurrences: 1 + (n % 3),
    disposition: sourceIds[n % 4] === 'gossip-relay' ? 'withheld' : 'observed',
    correlation_id: uuid(n + 5_000),
    reviewed,
    review_action: reviewed ? ['confirmed', 'false_positive', 'uncertain'][n % 3] : null,
    review_reason: reviewed ? 'token of the staging account, revoked' : '',
    reviewer: reviewed ? 'ana' : null,
    review_timestamp: reviewed ? iso(at + 9 * minute) : null,
    recommendation:
      advice[secret_type] ?? 'Revoke the secret where it was issued, then replace it wherever it is used.',
    ...change,
  };
}

/** What attackers write into messages: markup, escape sequences, direction overrides. */
export const hostile = {
  secret_type: '<img src=x onerror=alert(1)>',
  severity: 'high',
  from: '\u001b[31mroot\u001b[0m\u202egnp.exe',
  label: '=HYPERLINK("http://evil.example","click")',
  message_type: "'; DROP TABLE quarantine; --",
  redacted_content:
    '\u001b]0;owned\u0007<script>alert(document.cookie)</script> key=ghp_****x7Q \u202e\u200b{{7*7}} ' +
    'A'.repeat(400),
};

export const finding = (q, i = 0) => ({
  id: uuid(90_000 + i),
  occurred_at: q.timestamp,
  source: q.source,
  hypercore_position: q.hypercore_position,
  core_key: q.core_key,
  fork: q.fork,
  bzzz_message_id: q.bzzz_message_id,
  rule: q.rule,
  secret_type: q.secret_type,
  severity: i % 9 === 8 ? 'info' : q.severity,
  confidence: q.confidence,
  redacted: q.redacted_content.match(/[\w+/-]{0,4}\*+\w{0,3}/)?.[0] ?? '****',
  field: ['data.env.TOKEN', 'data.output', ''][i % 3],
  decoders: i % 4 === 1 ? ['base64', 'gzip'] : [],
  fingerprint: q.fingerprint,
  quarantine_id: i % 9 === 8 ? null : q.id,
  correlation_id: q.correlation_id,
});

export const timeline = (q) => [
  { time: q.timestamp, what: 'detected', detail: `rule ${q.rule}` },
  { time: iso(Date.parse(q.timestamp) + 4), what: 'quarantined', detail: q.disposition },
  ...(q.reviewed ? [{ time: q.review_timestamp, what: 'reviewed', who: q.reviewer, detail: q.review_reason }] : []),
];

export const sources = (now) => [
  source('agents-main', 'hypercore', '/srv/agents/core', 'live', 58_321, 0, 58_321, 41, now),
  {
    ...source('build-logs', 'bzzz-log', '/var/log/bzzz/builds.jsonl', 'catching_up', 12_400, 3_910, 12_400, 12, now),
    damaged: true,
    not_scanned: 2,
    message_types: { include: ['task.*', 'tool.output'], exclude: ['task.ping'] },
  },
  source(
    'drop-folder',
    'dir',
    '/srv/incoming',
    'waiting',
    null,
    null,
    0,
    0,
    now,
    'the folder does not exist yet; it is looked for every 5 s',
  ),
  { ...source('gossip-relay', 'gossip', '/ip4/127.0.0.1/tcp/4001', 'live', 902, 0, 902, 3, now), detects: 'withholds' },
  source(
    'legacy-core',
    'hypercore',
    '/srv/old/core',
    'failing',
    310,
    12,
    310,
    2,
    now,
    'block 311: Merkle root differs from the signed one; run `cordon hypercore verify /srv/old/core`',
  ),
];

function source(id, kind, path, state, position, lag, messages, secrets, now, detail = '') {
  return {
    id,
    kind,
    path,
    state,
    detail,
    position,
    lag,
    messages,
    secrets,
    detects: 'observes',
    damaged: false,
    not_scanned: 0,
    message_types: { include: [], exclude: [] },
    since: iso(now - 44 * minute),
  };
}

export function overview(rows, found, src, now, hours) {
  const width = hours <= 72 ? 1 : hours <= 14 * 24 ? 6 : 24;
  const step = width * 60 * minute;
  const from = Math.floor(now / step) * step - (Math.ceil(hours / width) - 1) * step;
  const counts = new Map();
  for (const r of rows) {
    const start = Math.floor((Date.parse(r.timestamp) - from) / step) * step + from;
    if (start >= from) counts.set(`${start} ${r.severity}`, (counts.get(`${start} ${r.severity}`) ?? 0) + 1);
  }
  const unreviewed = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const r of rows) if (!r.reviewed) unreviewed[r.severity]++;
  return {
    scanned: src.reduce((n, s) => n + s.messages, 0),
    findings: found,
    quarantined: rows.length,
    unreviewed,
    buckets: [...counts].map(([k, count]) => ({
      start: iso(Number(k.split(' ')[0])),
      severity: k.split(' ')[1],
      count,
    })),
    bucket_hours: width,
    from: iso(from),
    sources: src,
    version: '0.1.0',
    started_at: iso(now - 5 * 60 * minute),
  };
}
