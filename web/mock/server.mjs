// A stand-in for `cordon serve` with made-up data, for working on the dashboard
// and for its browser tests. Scenarios: full, empty, broken (every list answers
// 500), setup (no user yet). Usage: npm run build && npm run mock -- full
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { finding, health, hostile, overview, quarantineRow, sources, timeline } from './data.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
export const policy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Starts a server; resolves to { url, state, emit, close }. state may be changed while it runs. */
export async function startMock({ scenario = 'full', role = 'admin', loggedIn = true, port = 0 } = {}) {
  const state = newState(scenario, role, loggedIn);
  const server = createServer((req, res) => {
    handle(state, req, res).catch((e) => problem(res, 500, 'Mock broke', String(e)));
  });
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    state,
    emit: (n) => emit(state, n),
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

function newState(scenario, role, loggedIn) {
  const now = Date.now();
  const rows = scenario === 'full' ? Array.from({ length: 640 }, (_, i) => quarantineRow(i, now)) : [];
  if (rows.length > 0) rows[2] = { ...rows[2], ...hostile };
  const src = scenario === 'full' ? sources(now) : [];
  const keys = [
    {
      name: 'ci',
      role: 'viewer',
      prefix: 'cdn_Xk2p',
      created_at: new Date(now - 9e8).toISOString(),
      created_by: 'ana',
      expires_at: new Date(now + 6e9).toISOString(),
      last_used_at: new Date(now - 6e5).toISOString(),
      revoked_at: null,
    },
  ];
  const users = [{ name: 'ana', role: 'admin', created_at: new Date(now - 9e8).toISOString(), last_login_at: null }];
  return { scenario, role, loggedIn, rows, src, keys, users, streams: new Set(), seq: 0, dead: false, now };
}

/** Sends n new catches down the live stream. */
function emit(state, n = 1) {
  for (let i = 0; i < n; i++) {
    const q = quarantineRow(i, Date.now(), {
      id: randomUUID(),
      timestamp: new Date().toISOString(),
      reviewed: false,
      review_action: null,
      reviewer: null,
      review_timestamp: null,
      review_reason: '',
    });
    state.rows.unshift(q);
    const data = { ...q, quarantine_id: q.id, source_id: q.source, occurred_at: q.timestamp };
    send(state, 'leak.message.quarantined', q.severity, data, q.correlation_id);
  }
}

function send(state, topic, severity, data, correlation_id) {
  const envelope = {
    id: randomUUID(),
    topic,
    time: new Date().toISOString(),
    source: 'mock/leak',
    severity,
    correlation_id,
    schema: 1,
    data,
  };
  const text = `id: 2026-11-20/${++state.seq}\nevent: ${topic}\ndata: ${JSON.stringify(envelope)}\n\n`;
  for (const res of state.streams) res.write(text);
}

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

function route(state, req, res, path, q, body) {
  const now = Date.now();
  const [, one, id, verb] = path.split('/').map(decodeURIComponent);
  const key = `${req.method} ${one}${id ? '/:id' : ''}${verb ? `/${verb}` : ''}`;
  const row = state.rows.find((r) => r.id === id);
  const findings = () =>
    state.rows
      .map((r, i) => finding(r, i))
      .filter((f) => !q.get('fingerprint') || f.fingerprint === q.get('fingerprint'));
  const routes = {
    'POST logout': () => {
      state.loggedIn = false;
      res.writeHead(204).end();
    },
    'GET overview': () =>
      json(
        res,
        200,
        overview(
          state.rows,
          state.rows.length + 90 * (state.rows.length > 0),
          state.src,
          now,
          Number(q.get('hours') ?? 24),
        ),
      ),
    'GET quarantine': () =>
      json(
        res,
        200,
        page(
          state.rows.filter((r) => keep(r, q)),
          q,
        ),
      ),
    'GET quarantine/:id': () => {
      if (!row) return problem(res, 404, 'Not Found', `There is no quarantine entry ${id}.`);
      res.setHeader('ETag', `"${row.review_timestamp ?? 'new'}"`);
      json(res, 200, { ...row, findings: [finding(row, 0), finding(row, 1)], timeline: timeline(row) });
    },
    'POST quarantine/:id/review': () => {
      if (body.reason === 'refuse me')
        return problem(res, 412, 'Precondition Failed', 'The entry changed since it was read.');
      Object.assign(row, {
        reviewed: true,
        review_action: body.action,
        review_reason: body.reason ?? '',
        reviewer: 'ana',
        review_timestamp: new Date().toISOString(),
      });
      json(res, 200, row);
      send(state, 'leak.quarantine.reviewed', 'info', {
        quarantine_id: row.id,
        fingerprint: row.fingerprint,
        rule: row.rule,
        action: body.action,
        reviewer: 'ana',
        reason: body.reason,
      });
    },
    'GET findings': () => json(res, 200, page(findings(), q)),
    'GET sources': () => json(res, 200, { items: state.src }),
    'GET health': () => json(res, 200, health(now, state.scenario === 'full')),
    'GET users': () => json(res, 200, { items: state.users }),
    'GET api-keys': () => json(res, 200, { items: state.keys }),
    'POST users': () => {
      state.users.push({ ...body, password: undefined, created_at: new Date().toISOString(), last_login_at: null });
      json(res, 201, state.users.at(-1));
    },
    'POST api-keys': () => {
      const made = {
        ...body,
        prefix: 'cdn_Demo',
        created_at: new Date().toISOString(),
        created_by: 'ana',
        expires_at: body.expires_at ?? null,
        last_used_at: null,
        revoked_at: null,
      };
      state.keys.unshift(made);
      json(res, 201, { ...made, key: `cdn_${'Demo'.repeat(10)}Key` });
    },
    'DELETE api-keys/:id': () => {
      state.keys.find((k) => k.name === id).revoked_at = new Date().toISOString();
      res.writeHead(204).end();
    },
    'GET stream': () => stream(state, req, res),
  };
  const run = routes[key];
  return run ? run() : problem(res, 404, 'Not Found', `There is no ${req.method} ${path}.`);
}

function keep(r, q) {
  const severity = q.getAll('severity');
  return (
    (!q.get('source') || r.source === q.get('source')) &&
    (!q.get('rule') || r.rule === q.get('rule')) &&
    (severity.length === 0 || severity.includes(r.severity)) &&
    (!q.get('reviewed') || String(r.reviewed) === q.get('reviewed'))
  );
}

function page(items, q) {
  const limit = Number(q.get('limit') ?? 50);
  const at = items.findIndex((r) => r.id === q.get('cursor')) + 1;
  const part = items.slice(at, at + limit);
  return { items: part, next_cursor: at + limit < items.length ? part.at(-1).id : null };
}

function stream(state, req, res) {
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  res.write(': hello\n\n');
  state.streams.add(res);
  const beat = setInterval(() => res.write(': beat\n\n'), 15_000);
  req.on('close', () => {
    clearInterval(beat);
    state.streams.delete(res);
  });
}

async function file(res, path) {
  const wanted = extname(path) === '' ? '/index.html' : normalize(path);
  try {
    const bytes = await readFile(join(dist, wanted));
    res.writeHead(200, { 'Content-Type': types[extname(wanted)] ?? 'application/octet-stream' }).end(bytes);
  } catch {
    res.writeHead(404).end('not found; run npm run build first');
  }
}

async function readJSON(req) {
  let text = '';
  for await (const chunk of req) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}

function json(res, status, value) {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

function problem(res, status, title, detail) {
  res.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify({ title, status, detail }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ scenario: process.argv[2] ?? 'full', port: Number(process.env.PORT ?? 8420) });
  setInterval(() => mock.state.scenario === 'full' && mock.emit(1), 7_000);
  console.log(`mock (${mock.state.scenario}) on ${mock.url}`);
}
