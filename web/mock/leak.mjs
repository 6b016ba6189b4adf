// Quarantine, findings, sources, overview.
import { randomUUID } from 'node:crypto';
import { finding, hostile, overview, quarantineRow, sources, timeline } from './data.mjs';
import { json, page, problem } from './http.mjs';

export function initial(scenario, now) {
  const full = scenario === 'full';
  const rows = full ? Array.from({ length: 640 }, (_, i) => quarantineRow(i, now)) : [];
  if (rows.length > 0) rows[2] = { ...rows[2], ...hostile };
  return { rows, src: full ? sources(now) : [] };
}

const rowOf = ({ state, id }) => state.rows.find((r) => r.id === id);
const found = (state) => state.rows.length + 90 * (state.rows.length > 0);

export const routes = {
  'GET overview': ({ state, res, q, now }) =>
    json(res, 200, overview(state.rows, found(state), state.src, now, Number(q.get('hours') ?? 24))),
  'GET quarantine': ({ state, res, q, now }) => {
    if (state.many > 0) return json(res, 200, stretch(state.many, q, now));
    const rows = state.rows.filter((r) => keep(r, q));
    json(res, 200, page(rows, q));
  },
  'GET quarantine/:id': (c) => {
    const row = rowOf(c);
    if (!row) return problem(c.res, 404, 'Not Found', `There is no quarantine entry ${c.id}.`);
    c.res.setHeader('ETag', `"${row.review_timestamp ?? 'new'}"`);
    json(c.res, 200, { ...row, findings: [finding(row, 0), finding(row, 1)], timeline: timeline(row) });
  },
  'POST quarantine/:id/review': (c) => {
    const row = rowOf(c);
    const { action, reason } = c.body;
    if (reason === 'refuse me')
      return problem(c.res, 412, 'Precondition Failed', 'The entry changed since it was read.');
    Object.assign(row, {
      reviewed: true,
      review_action: action,
      review_reason: reason ?? '',
      reviewer: 'ana',
      review_timestamp: new Date().toISOString(),
    });
    json(c.res, 200, row);
    const { fingerprint, rule } = row;
    c.send('leak.quarantine.reviewed', 'info', {
      quarantine_id: row.id,
      fingerprint,
      rule,
      action,
      reviewer: 'ana',
      reason,
    });
  },
  'GET findings': ({ state, res, q }) => {
    const all = state.rows.map((r, i) => finding(r, i));
    const wanted = q.get('fingerprint');
    const rows = all.filter((f) => !wanted || f.fingerprint === wanted);
    json(res, 200, page(rows, q));
  },
  'GET sources': ({ state, res }) => json(res, 200, { items: state.src }),
};

// A page of a list too long to be held; the cursor is the place in it.
function stretch(many, q, now) {
  const at = Number(q.get('cursor') ?? 0);
  const end = Math.min(many, at + Number(q.get('limit')));
  const items = Array.from({ length: end - at }, (_, i) => quarantineRow(at + i, now));
  return { items, next_cursor: end < many ? String(end) : null };
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

/** Sends n new catches down the live stream. */
export function emit(state, send, n = 1) {
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
    send('leak.message.quarantined', q.severity, data, q.correlation_id);
  }
}
