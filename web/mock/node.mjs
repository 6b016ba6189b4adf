// The node itself: health, workers, configuration.
import { json, problem } from './http.mjs';

const minute = 60_000;

export const initial = (scenario, now) => ({
  workers: scenario === 'full' ? workers(now) : [],
  reload: {
    changed: ['leak.sources drop-folder: added', 'log.level: info, now debug'],
    needs_restart: ['api.listen'],
    warnings: ['notify.webhooks[0].secret stands in the file itself: better file: or env:'],
  },
});

export const routes = {
  'GET workers': ({ state, res }) => json(res, 200, { items: state.workers }),
  'POST workers/:id/stop': (c) => command(c, 'stopped', 'stopped by ana'),
  'POST workers/:id/start': (c) => command(c, 'starting', ''),
  'GET config': ({ state, res }) => json(res, 200, config(state.scenario)),
  'POST config/reload': ({ state, res }) =>
    typeof state.reload === 'string'
      ? problem(res, 422, 'Unprocessable Entity', state.reload)
      : json(res, 200, state.reload),
  'GET health': ({ state, res, now }) => json(res, 200, health(now, state.scenario === 'full')),
};

function health(now, bad) {
  const check = (name, kind, status, detail) => ({
    name,
    kind,
    status,
    detail,
    since: new Date(now - 31 * minute).toISOString(),
  });
  return {
    status: bad ? 'failing' : 'ok',
    checks: [
      check('agents-main', 'hypercore', 'ok', 'follows live, 0 entries behind'),
      bad
        ? check(
            'legacy-core',
            'hypercore',
            'failing',
            'block 311: Merkle root differs from the signed one; run `cordon hypercore verify /srv/old/core`',
          )
        : check('build-logs', 'bzzz', 'ok', 'follows live, 0 entries behind'),
      check('sqlite', 'database', 'ok', 'main.db, 12 MB, last commit 2 ms'),
      check('disk', 'disk', 'ok', ''),
      check('egress gateway', 'egress', 'ok', ''),
      check('embedded', 'bus', 'ok', 'connected, 0 dropped'),
      bad
        ? check('on-call', 'alerts', 'degraded', '3 failures in a row: 503 from hooks.example; next try in 40 s')
        : check('on-call', 'alerts', 'ok', 'last delivery answered 204'),
      check('audit log', 'audit', 'ok', 'signed up to record 238 a minute ago'),
      check('leak-agents-main', 'worker', 'ok', ''),
    ],
  };
}

function command({ state, res, id, body }, to, detail) {
  if (!body.reason?.trim())
    return problem(res, 422, 'Unprocessable Entity', 'validation failed', [
      { message: 'is empty; say why, it is kept in the audit log', location: 'body.reason' },
    ]);
  const w = state.workers.find((x) => x.name === id && x.node === body.node);
  if (!w) return problem(res, 404, 'Not Found', `node ${body.node} has no worker ${id}; GET /api/v1/workers lists all`);
  Object.assign(w, { state: to, detail, since: new Date().toISOString() });
  json(res, 200, w);
}

function workers(now) {
  const worker = (node, name, state, detail = '', restarts = 0) => ({
    name,
    node,
    state,
    detail,
    since: new Date(now - 3 * minute * (name.length + 1)).toISOString(),
    restarts,
  });
  return [
    worker('eu-1', 'audit-checkpoints', 'running'),
    worker('eu-1', 'janitor', 'running'),
    worker('eu-1', 'leak-agents-main', 'running'),
    worker('eu-1', 'leak-build-logs', 'running', '', 1),
    worker('eu-1', 'leak-drop-folder', 'stopped', 'stopped by ana: the folder moves to another disk'),
    worker(
      'eu-1',
      'leak-legacy-core',
      'failed',
      'block 311: Merkle root differs from the signed one; tried again in 40 s',
      17,
    ),
    worker('eu-1', 'notify-dispatch', 'running'),
    worker('eu-1', 'notify-deliver', 'degraded', 'hooks.example answered 503; tried again in 10 s', 3),
    worker('eu-2', 'leak-gossip-relay', 'running'),
    worker('eu-2', 'notify-deliver', 'running'),
  ];
}

function config(scenario) {
  const full = scenario === 'full';
  const yaml = full
    ? `data:
  dir: /var/lib/cordon
api:
  listen: 127.0.0.1:8420
store:
  url: postgres://cordon:xxxxx@db.internal/cordon
leak:
  policy:
    min_severity: low
  sources:
    - id: agents-main
      kind: hypercore
      path: /srv/agents/core
      encryption_key: file:/etc/cordon/core.key
    - id: build-logs
      kind: bzzz-log
      path: /var/log/bzzz/builds.jsonl
      message_types:
        include: [task.result, tool.output]
    - id: drop-folder
      kind: dir
      path: /srv/incoming
notify:
  webhooks:
    - id: on-call
      url: env:ON_CALL_URL
      secret: '[redacted]'
      topics: [leak.message.quarantined]
      format: slack
`
    : 'data:\n  dir: /var/lib/cordon\n';
  return {
    file: full ? '/etc/cordon/cordon.yaml' : '',
    yaml,
    live: ['log.level', 'leak', 'notify'],
    warnings: full ? ['notify.webhooks[0].secret stands in the file itself: better file: or env:'] : [],
    retention: { events: 90, findings: 365, quarantine: 365, deliveries: 30 },
    limits: { requests_per_second: 50, request_burst: 200, request_bytes: 65_536, request_seconds: 15, page_rows: 500 },
  };
}
