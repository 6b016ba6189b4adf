// Deckies: of the configuration and added ones, in all states; one whose node is silent.
import { json, page, problem } from './http.mjs';
import { hostile, iso, uuid } from './sessions.mjs';

const minute = 60_000;
const seeds = [
  ['web-1', 'web-server', 'running', ['ssh', 22], ['http', 80]],
  ['db-7', 'database-server', 'degraded', ['redis', 6379], ['mysql', 3306]],
  ['trap', 'linux-server', 'running', ['http', 80]],
  ['old', 'linux-server', 'failed', ['ssh', 22]],
  ['far', 'linux-server', 'running', ['ssh', 22]],
];

export const initial = (scenario, now) => ({
  deckies: scenario === 'full' ? seeds.map((s, i) => decky(s, i, now)) : [],
});

function decky([name, archetype, state, ...services], i, now) {
  const open = (at) => state === 'running' || (state === 'degraded' && at === 0);
  return {
    id: uuid('dec', i),
    name,
    node: name === 'far' ? 'node-2' : 'node-1',
    archetype,
    hostname: name === 'old' ? hostile : `portal0${i}`,
    distro: 'Debian GNU/Linux 12 (bookworm)',
    address: `192.0.2.${10 + i}`,
    state,
    detail: state === 'running' ? '' : 'port 3306: address already in use; free it, it is tried every ten seconds',
    since: iso(now - 90 * minute),
    heard_at: iso(now - (name === 'far' ? 12 : 0.4) * minute),
    configured: name !== 'trap',
    added_by: name === 'trap' ? 'user:ana' : '',
    generation: i % 3,
    last_mutated: i % 3 === 0 ? null : iso(now - i * 26 * 60 * minute),
    mutating: false,
    mutate_interval_seconds: i === 1 ? 604_800 : 0,
    next_mutation: i === 1 ? iso(now + 5 * 24 * 60 * minute) : null,
    services: services.map(([kind, port], at) => ({
      kind,
      port,
      listening: open(at),
      detail: open(at) ? '' : 'address already in use',
      clients: at,
      sessions: 120 * (i + 1),
      refused: i,
    })),
  };
}

export const routes = {
  'GET deckies': ({ state, res, q }) =>
    json(
      res,
      200,
      page(
        state.deckies.filter((d) => !q.get('state') || d.state === q.get('state')),
        q,
      ),
    ),
  'POST deckies': ({ state, res, body, now }) => {
    if (state.deckies.some((d) => d.name === body.name))
      return problem(res, 409, 'Conflict', `decky ${body.name}: there is one by this name`);
    const services = body.services.map((s) => [s.kind, s.port ?? 22]);
    const d = decky([body.name, body.archetype, 'running', ...services], state.deckies.length, now);
    state.deckies.push({ ...d, address: body.address, configured: false, added_by: 'user:ana' });
    json(res, 201, d);
  },
  'POST deckies/:id/mutate': ({ state, res, id, q, body }) => {
    const d = state.deckies.find((one) => one.name === id && one.node === q.get('node'));
    if (d.mutating) return problem(res, 409, 'Conflict', `decky ${id}: the decky is to mutate already`);
    d.mutating = true;
    state.mutatedBecause = body.reason;
    json(res, 202, d);
  },
  'DELETE deckies/:id': ({ state, res, id, q }) => {
    state.deckies = state.deckies.filter((d) => d.name !== id || d.node !== q.get('node'));
    state.removedBecause = q.get('reason');
    res.writeHead(204).end();
  },
};
