// Who touched deckies, why each has their score, and their way.
import { json, page, problem } from './http.mjs';
import { addressOf, hostile, iso, uuid } from './sessions.mjs';

const minute = 60_000;
const why = [
  ['leaked_secret', 45, 'tried 2 secrets that leaked here'],
  ['logged_in', 25, 'was let in 3 times'],
  ['commands', 20, 'gave 40 commands'],
  ['many_deckies', 15, 'came to 4 deckies'],
  ['came_back', 5, 'came on 3 days'],
];

export const initial = (scenario, now) => ({
  attackers: scenario === 'full' ? Array.from({ length: 500 }, (_, i) => attacker(500 - i, now)) : [],
});

function attacker(n, now) {
  const terms = why.slice(n % why.length);
  const last = now - (501 - n) * 5 * minute;
  const leaked = n % why.length === 0 ? 2 : 0;
  return {
    id: uuid('a77', n),
    address: n > 440 ? addressOf(n) : `2001:db8::${n.toString(16)}`,
    first_seen: iso(last - 50 * minute),
    last_seen: iso(last),
    days: 1 + (n % 3),
    sessions: 3 + (n % 40),
    deckies: 1 + (n % 4),
    services: 2,
    interacted: 1,
    logins: n % 4,
    leaked,
    score: Math.min(
      100,
      terms.reduce((all, [, points]) => all + points, 0),
    ),
  };
}

const leak = (a, i) => ({
  address: `198.51.100.${i + 1}`,
  header: i === 1 ? hostile : 'X-Forwarded-For',
  decky: 'trap',
  session: uuid('5e5', 10 + i),
  first_seen: a.first_seen,
  last_seen: a.last_seen,
  times: i + 1,
});

// Every third gives nothing away, every third a few addresses, the others a list that goes round.
function leaksOf(a) {
  const total = [0, 7, 37][Number(a.id.slice(-3)) % 3];
  const sample = Array.from({ length: Math.min(total, 10) }, (_, i) => leak(a, i));
  return { ip_leaks: sample, ip_leaks_total: total, rotation: total >= 20 };
}

const service = (a, name, interactions) => ({
  service: name,
  first_seen: a.first_seen,
  last_seen: a.last_seen,
  events: 14,
  interactions,
});

const detail = (a) => ({
  ...a,
  terms: why.slice(Number(a.id.slice(-3)) % why.length).map(([term, points, w]) => ({ term, points, why: w })),
  scanned: [service(a, 'redis', 0)],
  interacted_with: [service(a, 'ssh', 9)],
  ...leaksOf(a),
});

function hops(a) {
  const from = Date.parse(a.first_seen);
  return ['web-1', 'db-7', 'web-1', 'trap'].map((decky, i) => ({
    decky,
    services: i === 0 ? ['ssh', 'http'] : ['redis'],
    sessions: [uuid('5e5', 499 - i)],
    entered_at: iso(from + 4 * i * minute),
    left_at: i === 3 ? null : iso(from + 4 * i * minute + 50_000 * (i + 1)),
  }));
}

function mutations(a) {
  const at = iso(Date.parse(a.first_seen) + 6 * minute);
  return [{ decky: 'web-1', at, trigger: 'operator', old_services: ['ssh:22'], new_services: ['ssh:22', 'ftp:21'] }];
}

const one =
  (answer) =>
  ({ state, res, id }) => {
    const a = state.attackers.find((x) => x.id === id || x.address === id);
    if (a === undefined) return problem(res, 404, 'Not Found', `there is no attacker ${id}`);
    json(res, 200, answer(a));
  };

export const routes = {
  'GET attackers': ({ state, res, q }) => {
    const rows = state.attackers.filter((a) => a.score >= Number(q.get('min_score') ?? 0));
    if (q.get('order') === 'score') rows.sort((a, b) => b.score - a.score);
    json(res, 200, page(rows, q));
  },
  'GET attackers/:id': one(detail),
  'GET attackers/:id/traversal': one((a) => ({ hops: hops(a), mutations: mutations(a) })),
};
