// A stand-in for `cordon serve` with made-up data, for working on the dashboard
// and for its browser tests. Scenarios: full, empty, broken (every list answers
// 500), setup (no user yet). Usage: npm run build && npm run mock -- full
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import * as access from './access.mjs';
import * as actions from './actions.mjs';
import * as anomalies from './anomalies.mjs';
import * as anomalyRules from './anomalyRules.mjs';
import * as attackers from './attackers.mjs';
import * as audit from './audit.mjs';
import * as baselines from './baselines.mjs';
import * as blocks from './blocks.mjs';
import * as credentials from './credentials.mjs';
import * as deckies from './deckies.mjs';
import * as egress from './egress.mjs';
import * as endpoints from './endpoints.mjs';
import * as events from './events.mjs';
import * as gossip from './gossip.mjs';
import { file, json, problem, readJSON } from './http.mjs';
import * as incidents from './incidents.mjs';
import * as leak from './leak.mjs';
import * as live from './live.mjs';
import * as node from './node.mjs';
import * as rules from './rules.mjs';
import * as sessions from './sessions.mjs';
import * as silences from './silences.mjs';
import * as webhooks from './webhooks.mjs';

// Each part has `initial` (its share of the state) and `routes`.
const parts = [
  leak,
  incidents,
  egress,
  endpoints,
  baselines,
  rules,
  webhooks,
  node,
  access,
  audit,
  sessions,
  live,
  attackers,
  credentials,
  deckies,
  anomalies,
  anomalyRules,
  events,
  gossip,
  silences,
  actions,
  blocks,
];
const routes = Object.assign({ 'GET stream': stream }, ...parts.map((p) => p.routes));

export const policy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Starts a server; resolves to { url, state, emit, act, send, close }. state may be changed while it runs. */
export async function startMock({ scenario = 'full', role = 'admin', loggedIn = true, port = 0 } = {}) {
  const state = newState(scenario, role, loggedIn);
  const server = createServer((req, res) => {
    handle(state, req, res).catch((e) => problem(res, 500, 'Mock broke', String(e)));
  });
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    state,
    emit: (n) => leak.emit(state, sender(state), n),
    act: (deed) => live.act(state, sender(state), deed),
    send: sender(state),
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

function newState(scenario, role, loggedIn) {
  const now = Date.now();
  const own = { scenario, role, loggedIn, streams: new Set(), sent: [], seq: 0, dead: false, now };
  return Object.assign(own, ...parts.map((p) => p.initial(scenario, now)));
}

const remembered = 1_000; // events that a stream can resume behind

// Sends an event down every open live stream that asked for its topic.
const sender =
  (state) =>
  (topic, severity, data, correlation_id = '', id = randomUUID()) => {
    const envelope = {
      id,
      topic,
      time: new Date().toISOString(),
      source: 'mock/leak',
      severity,
      correlation_id,
      schema: 1,
      data,
    };
    const seq = ++state.seq;
    const text = `id: ${placeOf(seq)}\nevent: ${topic}\ndata: ${JSON.stringify(envelope)}\n\n`;
    state.sent = [...state.sent, { seq, topic, text }].slice(-remembered);
    for (const res of state.streams) if (res.wants(topic)) res.write(text);
  };

const placeOf = (seq) => `2026-11-20/${seq}`;

async function handle(state, req, res) {
  const url = new URL(req.url, 'http://mock');
  res.setHeader('Content-Security-Policy', policy);
  res.setHeader('X-Content-Type-Options', 'nosniff');
  if (!url.pathname.startsWith('/api/')) return file(res, url.pathname);
  if (state.dead) return req.socket.destroy();
  const path = url.pathname.replace('/api/v1', '');
  const body = req.method === 'GET' ? undefined : await readJSON(req);
  if (req.method !== 'GET' && req.headers['x-cordon-request'] !== '1')
    return problem(res, 403, 'Forbidden', 'The header X-Cordon-Request is missing.');
  const open = publicRoutes[`${req.method} ${path}`];
  if (open) return open(state, res, body);
  if (!state.loggedIn) return problem(res, 401, 'Unauthorized', 'Log in or send an API key.');
  if (path === '/me') return json(res, 200, me(state));
  if (state.scenario === 'broken')
    return problem(
      res,
      500,
      'Internal Server Error',
      'reading the store: disk I/O error. Details are in the server log under the correlation id 0199aa-7c.',
    );
  return route(state, req, res, path, url.searchParams, body);
}

const me = (state) => ({ name: 'ana', role: state.role, kind: 'user' });

const publicRoutes = {
  'GET /setup': (s, res) => json(res, 200, { needed: s.scenario === 'setup' }),
  'POST /setup': (s, res, b) => {
    if (b.token !== 'good')
      return problem(
        res,
        401,
        'Unauthorized',
        'The setup link is used up or older than 15 minutes. Restart the server for a new one.',
      );
    Object.assign(s, newState('empty', 'admin', true));
    json(res, 201, me(s));
  },
  'POST /login': (s, res, b) => {
    if (b.password !== 'correct horse battery')
      return problem(res, 401, 'Unauthorized', 'The name or the password is wrong.');
    s.loggedIn = true;
    json(res, 200, me(s));
  },
};

// A route is named by its path, or with :id for the second segment and :sub for
// the fourth: "POST rules/:id/enable". All that follows the first may be free too:
// "GET artifacts/:id/:sub/:item".
function route(state, req, res, path, q, body) {
  const [, one, id, ...rest] = path.split('/').map(decodeURIComponent);
  const exact = `${req.method} ${[one, id, ...rest].filter(Boolean).join('/')}`;
  const [verb, sub, ...last] = rest;
  const nested = [`${req.method} ${one}/:id`, verb, ':sub', ...last].join('/');
  const list = `${req.method} ${one}/${id}/:sub`;
  const free = [`${req.method} ${one}/:id`, ...[':sub', ':item'].slice(0, rest.length)].join('/');
  const run =
    routes[exact] ??
    routes[[`${req.method} ${one}/:id`, ...rest].join('/')] ??
    routes[nested] ??
    routes[list] ??
    routes[free];
  if (run === undefined) return problem(res, 404, 'Not Found', `There is no ${req.method} ${path}.`);
  return run({ state, req, res, q, body, id, sub: sub ?? verb, item: verb, now: Date.now(), send: sender(state) });
}

function stream({ state, req, res, q }) {
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const after = Number((req.headers['last-event-id'] ?? placeOf(state.seq)).split('/')[1]);
  res.wants = wanted(q.getAll('topics'));
  res.write(`retry: 2000\nid: ${placeOf(after)}\n\n`);
  for (const e of state.sent) if (e.seq > after && res.wants(e.topic)) res.write(e.text);
  state.streams.add(res);
  const beat = setInterval(() => res.write(': beat\n\n'), 15_000);
  req.on('close', () => {
    clearInterval(beat);
    state.streams.delete(res);
  });
}

// Which topics patterns stand for: * is one token, > at the end one or more.
function wanted(patterns) {
  const words = { '*': '[^.]+', '>': '.+' };
  const all = patterns.map(
    (p) =>
      new RegExp(
        `^${p
          .split('.')
          .map((t) => words[t] ?? t)
          .join('\\.')}$`,
      ),
  );
  return (topic) => all.length === 0 || all.some((r) => r.test(topic));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ scenario: process.argv[2] ?? 'full', port: Number(process.env.PORT ?? 8420) });
  setInterval(() => mock.state.scenario === 'full' && mock.emit(1), 7_000);
  setInterval(() => mock.state.scenario === 'full' && mock.act({}), 1_500);
  console.log(`mock (${mock.state.scenario}) on ${mock.url}`);
}
