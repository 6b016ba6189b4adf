// What was tried to log in with on deckies, sealed, and the secrets that were tried in several places.
import { json, page, problem } from './http.mjs';
import { fingerprintOf } from './incidents.mjs';
import { addressOf, hostile, iso, uuid } from './sessions.mjs';

const minute = 60_000;
const places = [
  ['web-1', 'ssh', 'plaintext', 'root'],
  ['db-7', 'postgres', 'postgres_scram_proof', 'postgres'],
  ['web-1', 'ssh', 'plaintext', 'admin'],
  ['trap', 'redis', 'plaintext', ''],
  ['trap', 'http', 'plaintext', 'root'],
];

// Numbered from 1 to 300; the newest has the highest number. 297 and 298 are hostile.
export const initial = (scenario, now) => ({
  credentials: scenario === 'full' ? Array.from({ length: 300 }, (_, i) => credential(300 - i, now)) : [],
  reuses: scenario === 'full' ? Array.from({ length: 120 }, (_, i) => reuse(120 - i, now)) : [],
});

const leakedAt = [places[0], places[3], places[4]];

// Every tenth is one that leaked, and has the fingerprint of a joined incident; of the
// other passwords there are twelve.
function credential(n, now) {
  const leaked = n % 10 === 0;
  const [decky, service, kind, principal] = leaked ? leakedAt[(n / 10) % 3] : places[n % places.length];
  const last = now - (301 - n) * 6 * minute;
  return {
    id: uuid('c3d', n),
    kind,
    principal: n === 297 ? hostile : principal,
    fingerprint: leaked ? fingerprintOf(40) : kind === 'plaintext' ? print('c', n % 12) : print('d', n),
    decky,
    service,
    attacker_ip: addressOf(n),
    session: uuid('5e5', n),
    attempts: 1 + (n % 9),
    accepted: n % 4 === 0,
    leaked,
    first_seen: iso(last - 40 * minute),
    last_seen: iso(last),
    has_secret: !leaked,
  };
}

const print = (letter, n) => `v1:9c1f:${String(n).padStart(64, letter)}`;

// The newest is the one that leaked, the next was tried from everywhere.
function reuse(n, now) {
  const leaked = n === 120;
  const last = now - (121 - n) * 6 * minute;
  return {
    id: uuid('4e5', n),
    fingerprint: leaked ? fingerprintOf(40) : n === 119 ? print('c', 3) : print('e', n),
    kind: 'plaintext',
    targets: leaked ? 3 : n === 119 ? 1 : 2 + (n % 7),
    addresses: leaked ? 6 : n === 119 ? 640 : 1 + (n % 5),
    leaked,
    first_seen: iso(last - 300 * minute),
    last_seen: iso(last),
  };
}

const everywhere = ['web-1', 'trap', 'db-7'].flatMap((decky) => ['ssh', 'http', 'redis'].map((s) => [decky, s]));

function detail(r) {
  const at = r.leaked ? leakedAt : everywhere.slice(0, r.targets);
  return {
    ...r,
    places: at.map(([decky, service]) => ({ decky, service })),
    from: Array.from({ length: Math.min(r.addresses, 200) }, (_, i) => `203.0.113.${r.leaked ? 10 * i : i}`),
  };
}

const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const field = (name, text) => ({ name, value: text, base64: base64(text) });

/** What was typed: of the first hostile one it is no text, of the second it is text that would do harm. */
export function typed(c) {
  const n = Number(c.id.slice(-6));
  if (n === 297) return Buffer.from([0x00, 0xff, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x41]);
  if (n === 298) return Buffer.from(hostile);
  return Buffer.from(`let me in ${n}`);
}

// Whoever looks is an administrator, and the audit log has it.
function looked({ state, res, body }, what, answer) {
  if (state.role !== 'admin') return problem(res, 403, 'Forbidden', 'needs role admin; yours is not');
  if ((body.reason ?? '').length > 500) return problem(res, 422, 'Unprocessable Entity', 'reason is too long');
  state.looks.push(`${what}: ${body.reason ?? ''}`);
  json(res, 200, answer);
}

function reveal(request) {
  const { state, res, id } = request;
  const c = state.credentials.find((x) => x.id === id);
  if (c === undefined) return problem(res, 404, 'Not Found', `credential ${id}: it is not on record`);
  if (!c.has_secret)
    return problem(res, 409, 'Conflict', `credential ${id}: only the fingerprint of this secret was kept`);
  const secret = typed(c);
  looked(request, `credential ${id}`, {
    principal: c.principal,
    secret: secret.toString().replace(/[\p{Cc}]/gu, '\ufffd'),
    secret_b64: base64(secret),
    details: c.service === 'http' ? [field('scheme', 'basic'), field('target', '/manager')] : [],
  });
}

const matching = (q) => (c) =>
  ['decky', 'service', 'attacker_ip', 'kind', 'fingerprint'].every((k) => !q.get(k) || c[k] === q.get(k));

export const routes = {
  'GET credentials': ({ state, res, q }) => json(res, 200, page(state.credentials.filter(matching(q)), q)),
  'POST credentials/:id/reveal': reveal,
  'POST logs/:id/reveal': (request) =>
    looked(request, `log ${request.id}`, {
      fields: [field('line', ['login as app', 'in-the-clear'].join(':')), field('directory', '/root')],
      raw: base64([0x63, 0x75, 0x00, 0xff]),
    }),
  'GET credential-reuse': ({ state, res, q }) => {
    const rows = state.reuses.filter((r) => !q.get('fingerprint') || r.fingerprint === q.get('fingerprint'));
    json(
      res,
      200,
      page(
        rows.filter((r) => r.targets >= Number(q.get('min_targets') ?? 0)),
        q,
      ),
    );
  },
  'GET credential-reuse/:id': ({ state, res, id }) => {
    const r = state.reuses.find((x) => x.id === id);
    if (r === undefined) return problem(res, 404, 'Not Found', `there is no reuse ${id}`);
    json(res, 200, detail(r));
  },
};
