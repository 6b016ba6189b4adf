// The block list: entries of people and playbooks, in force, spared, taken off and over.
import { json, page, problem } from './http.mjs';
import { hostile, iso, uuid } from './sessions.mjs';

const hour = 3_600_000;

export const initial = (scenario, now) => ({ blocks: scenario === 'full' ? all(now) : [] });

const block = (n, now, change) => ({
  id: uuid('b10', n),
  network: `203.0.113.${n}`,
  active: true,
  origin: 'playbook',
  by: 'guessers',
  reason: 'anomaly.brute_force.detected',
  spared: '',
  event_id: uuid('e7e', n),
  created_at: iso(now - n * hour),
  until: iso(now + (48 - n) * hour),
  ended_at: null,
  ended_by: '',
  ...change,
});

const person = { origin: 'person', event_id: '' };
const over = { active: false };

const all = (now) => [
  block(1, now, {}),
  block(2, now, { ...person, by: 'ana', network: '198.51.100.0/24', reason: 'rents its hosts to nobody we know' }),
  block(3, now, { ...person, by: 'bob', network: '2001:db8:17::/48', reason: hostile }),
  block(4, now, { spared: 'an operator came from there within the last day' }),
  block(5, now, { ...over, ended_at: iso(now - hour), ended_by: 'ana' }),
  block(6, now, { ...over, until: iso(now - 2 * hour) }),
];

export const routes = {
  'GET decisions': ({ state, res, q }) =>
    json(res, 200, page(q.get('all') === 'true' ? state.blocks : state.blocks.filter((b) => b.active), q)),
  'POST decisions': ({ state, res, body, now }) => {
    if (body.network.startsWith('127.')) {
      const wrong = `${body.network} is never blocked: it is of this machine or network`;
      return problem(res, 422, 'Unprocessable Entity', wrong);
    }
    const { network, reason, minutes } = body;
    const made = block(state.blocks.length + 1, now, { ...person, by: 'ana', network, reason });
    state.blocks.unshift({ ...made, created_at: iso(now), until: iso(now + minutes * 60_000) });
    json(res, 201, made);
  },
  'POST decisions/:id/end': ({ state, res, id, now }) => {
    const b = state.blocks.find((x) => x.id === id);
    if (b === undefined) return problem(res, 404, 'Not Found', `there is no block ${id}`);
    if (!b.active) return problem(res, 409, 'Conflict', `block ${id} is over already`);
    Object.assign(b, { active: false, ended_at: iso(now), ended_by: 'ana' });
    json(res, 200, b);
  },
};
