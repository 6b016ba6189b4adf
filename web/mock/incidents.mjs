// Incidents: some of one sensor, every fourth joined, in all states.
import { json, page, problem } from './http.mjs';
import { act, tag } from './incidentActs.mjs';
import { uuid as uuidOf } from './sessions.mjs';

const minute = 60_000;
const uuid = (n) => `0199b2c7-0000-7000-8000-${String(n).padStart(12, '0')}`;
const iso = (t) => new Date(t).toISOString();
const states = ['triggered', 'triggered', 'acknowledged', 'triggered', 'resolved', 'ignored'];
const kinds = [
  ['GITHUB_TOKEN', 'github-pat', 'ghp_********'],
  ['AWS_ACCESS_KEY', 'aws-access-key-id', 'AKI*****7Q'],
  ['PRIVATE_KEY', 'private-key', 'EC PRIVATE KEY ****'],
];

/** The secret of an incident; every fourth is joined. */
export const fingerprintOf = (n) => `v1:9c1f:${String(n).padStart(64, 'a')}`;

export const initial = (scenario, now) => ({
  incidents: scenario === 'full' ? Array.from({ length: 40 }, (_, i) => incident(40 - i, now)) : [],
});

// What two sensors know of one address; the others are of a secret.
const ofAddress = {
  title: 'Attacker found beyond deckies',
  severity: 'high',
  join: 'anomalous_attacker',
  sensors: ['anomaly', 'deception'],
  observations: 3,
  key_kind: 'address',
  key: '203.0.113.9',
  fingerprint: '',
  rule: '',
  secret_type: '',
  redacted: '',
  source_ip: '203.0.113.9',
  program: '',
};

function incident(n, now) {
  const [secret, rule, redacted] = kinds[n % kinds.length];
  const joined = n % 4 === 0;
  const state = states[n % states.length];
  const opened = now - (41 - n) * 37 * minute;
  const closed = state === 'resolved' || state === 'ignored';
  return {
    id: uuid(n),
    title: joined ? `Leaked secret in use: ${secret}` : `${secret} in chat #${58_000 + n}`,
    severity: joined ? 'critical' : ['high', 'medium', 'high', 'low'][n % 4],
    state,
    join: joined ? 'leaked_secret_in_use' : '',
    sensors: joined ? ['egress', 'leak'] : ['leak'],
    observations: joined ? 3 : 1,
    regressed: n % 11 === 0,
    key_kind: 'secret',
    key: fingerprintOf(n),
    fingerprint: fingerprintOf(n),
    rule,
    secret_type: secret,
    redacted,
    source_ip: joined ? '127.0.0.1' : '',
    program: joined ? '/usr/bin/python3' : '',
    assignee: state === 'acknowledged' ? 'bo' : '',
    reason: closed ? 'revoked, and the log told' : '',
    opened_at: iso(opened),
    seen_at: iso(opened + 9 * minute),
    closed_at: closed ? iso(opened + 20 * minute) : null,
    updated_at: iso(opened + 20 * minute),
    snoozed_until: n % 9 === 0 && !closed ? iso(now + 300 * minute) : null,
    merged_into: null,
    merged: [],
    notes: [],
    ...(n === 38 && ofAddress),
  };
}

const line = (i, n, at, kind, sensor, words, by = '') => ({
  id: uuid(1000 * n + Number(i.id.slice(-4))),
  at: iso(at),
  kind,
  sensor,
  severity: i.severity,
  event_id: '',
  topic: '',
  words,
  place: '',
  source_ip: '',
  program: '',
  by,
  incident_id: i.id,
});

/** The lines of an incident and of its parts, newest first. */
function timeline(i, all) {
  const parts = all.filter((p) => p.merged_into === i.id).flatMap(own);
  return [...own(i), ...parts].sort((a, b) => (a.at < b.at ? 1 : -1));
}

function own(i) {
  const from = Date.parse(i.opened_at);
  const lines = [line(i, 1, from, 'detection', 'leak', `${i.secret_type} found in chat #58001 (observed)`)];
  if (i.sensors.includes('deception')) {
    const tried = `${i.source_ip} tried a leaked secret on decky web-1 (ssh) as "root": refused`;
    lines.push(line(i, 2, from + 8 * minute, 'detection', 'deception', tried));
  }
  if (i.sensors.includes('egress')) {
    const sent = `${i.program} wanted to send ${i.rule} to paste.example:80: refused`;
    const refused = { topic: 'egress.leak.blocked', event_id: uuidOf('e7e', 590) };
    lines.push({ ...line(i, 2, from + 8 * minute, 'response', 'egress', sent), ...refused });
    lines.push({ ...line(i, 3, from + 9 * minute, 'response', 'egress', sent), ...refused });
  }
  for (const [k, note] of i.notes.entries()) lines.push(line(i, 4 + k, from + 10 * minute, 'human', '', note, 'ana'));
  return lines.reverse();
}

// What the timeline has no room for.
function omitted(i, lines) {
  const more = i.observations - lines.filter((e) => e.kind !== 'human').length;
  if (more <= 0) return [];
  const sensor = i.sensors.includes('egress') ? 'egress' : i.sensors[0];
  const { severity, opened_at: from, seen_at: until } = i;
  return [{ sensor, kind: 'detection', severity, times: more, kept: Math.min(more, 250), from, until }];
}

// As internal/incident/brief.go says it.
const used = (i) =>
  [
    i.sensors.includes('egress') && 'a program sent it somewhere, or wanted to',
    i.sensors.includes('deception') && 'somebody tried it on a decky, where nobody has a reason to log in',
  ]
    .filter(Boolean)
    .join('; and ');

function brief(i, lines) {
  const refused = lines.filter((e) => e.topic === 'egress.leak.blocked').length;
  const found = `${i.secret_type} found in chat #58001 (observed).`;
  const revoke = { words: 'Revoke the secret where it was issued, then look through its audit log.', command: '' };
  const close = {
    words: 'Close it with what you did; it opens again when it is seen again.',
    command: `cordon incident resolve ${i.id} "what was done"`,
  };
  const block = {
    words: 'Have your firewalls turn the address away for a day.',
    command: `cordon decision add ${i.key} --for 24h --reason "incident ${i.id}"`,
  };
  const joined = `This secret was found where it does not belong, and ${used(i)}. Whoever saw it there may be using it.`;
  const known =
    'An address that is conspicuous in your own logs also touched a decky, where nobody has a reason to be.';
  return {
    happened: i.key_kind === 'address' ? known : i.join === '' ? found : joined,
    got: [
      i.sensors.includes('leak') && 'Whoever reads chat #58001 has it: what was written there stays.',
      i.sensors.includes('deception') && 'What was reached on a decky is a decoy: nothing of yours is there.',
      refused > 0 && 'Nothing left by the egress gateway: each attempt was refused.',
    ].filter(Boolean),
    done: [
      ...(refused > 0 ? [`Cordon refused to let it out ${refused} times, last to paste.example:80.`] : []),
      ...i.notes.map((n) => `ana: ${n}`),
    ],
    next: i.closed_at !== null ? [] : i.key_kind === 'address' ? [block, close] : [revoke, close],
  };
}

export const routes = {
  'GET incidents': ({ state, res, q }) => json(res, 200, page(sorted(state.incidents.filter(matching(q)), q), q)),
  'GET incidents/open': ({ state, res }) => json(res, 200, countOf(state.incidents.filter(matching(waiting)))),
  'GET incidents/:id': ({ state, res, id }) => {
    const i = state.incidents.find((x) => x.id === id);
    if (i === undefined) return problem(res, 404, 'Not Found', `there is no incident ${id}`);
    res.setHeader('ETag', tag(i));
    const lines = timeline(i, state.incidents);
    json(res, 200, { ...i, brief: brief(i, lines), timeline: lines, omitted: omitted(i, lines) });
  },
  'POST incidents/:id/act': act,
};

const matching = (q) => (i) =>
  (q.getAll('state').length === 0 || q.getAll('state').includes(i.state)) &&
  (q.getAll('severity').length === 0 || q.getAll('severity').includes(i.severity)) &&
  (!q.get('snoozed') || (q.get('snoozed') === 'true') === Date.parse(i.snoozed_until ?? '') > Date.now()) &&
  (!q.get('assignee') || i.assignee === (q.get('assignee') === '@me' ? 'ana' : q.get('assignee'))) &&
  (!q.get('address') || (i.key_kind === 'address' && i.key === q.get('address'))) &&
  (!q.get('fingerprint') || i.fingerprint === q.get('fingerprint'));

const waiting = new URLSearchParams('state=triggered&state=acknowledged&snoozed=false');
const ranks = ['info', 'low', 'medium', 'high', 'critical'];
const rankOf = (i) => (i.closed_at === null ? 10 : 0) + ranks.indexOf(i.severity);

const sorted = (rows, q) =>
  q.get('sort') === 'newest' ? rows : [...rows].sort((a, b) => rankOf(b) - rankOf(a) || (a.id < b.id ? 1 : -1));

const countOf = (rows) => ({
  total: rows.length,
  ...Object.fromEntries(ranks.map((s) => [s, rows.filter((i) => i.severity === s).length])),
});
