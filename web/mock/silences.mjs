// Silences: one in force of all webhooks, one narrow one, one that is over.
import { json, page, problem } from './http.mjs';
import { iso, uuid } from './sessions.mjs';

const hour = 3_600_000;

export const initial = (scenario, now) => ({
  silences:
    scenario !== 'full'
      ? []
      : [
          silence(3, now, { topics: ['egress.connection.denied'], reason: 'the importer is being rewritten' }),
          silence(2, now, {
            topics: ['leak.message.*'],
            webhooks: ['on-call'],
            rules: ['github-pat'],
            max_severity: 'critical',
            by: 'bob',
            reason: 'a drill with made-up tokens',
          }),
          silence(1, now, { active: false, until: iso(now - hour), reason: 'maintenance' }),
        ],
});

const silence = (n, now, change) => ({
  id: uuid('511', n),
  topics: [],
  webhooks: [],
  rules: [],
  sources: [],
  fingerprints: [],
  max_severity: 'high',
  reason: '',
  by: 'ana',
  active: true,
  created_at: iso(now - n * hour),
  until: iso(now + n * hour),
  ended_at: null,
  ended_by: '',
  ...change,
});

export const routes = {
  'GET silences': ({ state, res, q }) => json(res, 200, page(state.silences, q)),
  'GET silences/preview': ({ res, q, now }) => {
    const hidden = q.get('fingerprint') ? 12 : 340;
    json(res, 200, { since: iso(now - 720 * hour), complete: !q.get('rule'), hidden, incidents: hidden / 4, told: 2 });
  },
  'POST silences': ({ state, res, body, now }) => {
    const { minutes, ...rest } = body;
    const made = silence(state.silences.length + 1, now, { ...rest, until: iso(now + minutes * 60_000) });
    state.silences.unshift(made);
    json(res, 201, made);
  },
  'POST silences/:id/end': ({ state, res, id, now }) => {
    const s = state.silences.find((x) => x.id === id);
    if (s === undefined) return problem(res, 404, 'Not Found', `there is no silence ${id}`);
    if (!s.active) return problem(res, 409, 'Conflict', `silence ${id} is over already`);
    Object.assign(s, { active: false, ended_at: iso(now), ended_by: 'ana' });
    json(res, 200, s);
  },
};
