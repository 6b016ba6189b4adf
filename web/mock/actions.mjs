// What playbooks want done: one of each kind and state, and many that wait.
import { json, page, problem } from './http.mjs';
import { hostile, iso, uuid } from './sessions.mjs';

const minute = 60_000;
const print = 'v1:5f2a9c01:9b1d6e0f3c7a4852b6d1e09f8a7c3b5d4e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b';

export const initial = (scenario, now) => ({ actions: scenario === 'full' ? all(now) : [] });

const action = (n, now, change) => ({
  id: uuid('ac7', n),
  playbook: 'guessers',
  kind: 'block',
  target: `203.0.113.${n % 250}`,
  minutes: 1440,
  message: '',
  event_id: uuid('e7e', n),
  event_topic: 'anomaly.brute_force.detected',
  severity: 'high',
  state: 'pending',
  created_at: iso(now - n * 7 * minute),
  expires: iso(now + 1440 * minute - n * 7 * minute),
  decided_at: null,
  decided_by: '',
  reason: '',
  result: '',
  ...change,
});

const decided = (now, by, reason) => ({ decided_at: iso(now - 3 * minute), decided_by: by, reason });

const all = (now) => [
  action(1, now, {}),
  action(2, now, {
    playbook: 'leaked-key-in-use',
    kind: 'kill_switch',
    target: '',
    minutes: 0,
    event_topic: `incident.${uuid('1c1', 4)}.opened`,
    severity: 'critical',
    state: 'done',
    result: 'eu-1/respond',
  }),
  action(3, now, {
    playbook: 'keeper',
    kind: 'quarantine',
    target: print,
    minutes: 0,
    event_topic: 'leak.finding.detected',
    severity: 'low',
    state: 'done',
    result: uuid('0a1', 3),
  }),
  action(4, now, { state: 'done', result: uuid('b10', 4), ...decided(now, 'ana', 'seen in our own log') }),
  action(5, now, { kind: 'notify', target: '', minutes: 0, message: hostile, state: 'done' }),
  action(6, now, { state: 'failed', result: '127.0.0.1 is never blocked: it is of this machine or network' }),
  action(7, now, { state: 'undone', result: uuid('b10', 7), ...decided(now, 'bob', hostile) }),
  action(8, now, { state: 'rejected', ...decided(now, 'bob', 'it is us') }),
  action(9, now, { state: 'expired', decided_at: iso(now) }),
  action(10, now, { state: 'dry_run', playbook: 'trial', minutes: 90 }),
  ...Array.from({ length: 150 }, (_, n) => action(n + 11, now, {})),
];

const pending = (a) => a.state === 'pending';
const back = (a) => a.state === 'undone' || (a.state === 'done' && a.kind !== 'notify');
const verbs = {
  approve: { may: pending, to: 'due' },
  reject: { may: pending, to: 'rejected' },
  undo: { may: back, to: 'undone' },
};

/** Changes an action in one of the states that allow it. */
function change({ state, res, sub, item: id, body, now }) {
  const a = state.actions.find((x) => x.id === id);
  const verb = verbs[sub];
  if (a === undefined || verb === undefined) return problem(res, 404, 'Not Found', `there is no action ${id}`);
  if (!verb.may(a)) return problem(res, 409, 'Conflict', `action ${id}: it is ${a.state}`);
  Object.assign(a, { state: verb.to, decided_at: iso(now), decided_by: 'ana', reason: body.reason });
  json(res, 200, a);
}

export const routes = {
  'GET playbooks/actions': ({ state, res, q }) =>
    json(
      res,
      200,
      page(
        state.actions.filter(
          (a) => [null, a.state].includes(q.get('state')) && [null, a.playbook].includes(q.get('playbook')),
        ),
        q,
      ),
    ),
  'POST playbooks/:id/:sub/:item': change,
};
