// What people do with incidents, as internal/incident does it: closed with a reason, merged, split, undone.
import { json, problem } from './http.mjs';

const iso = (t) => new Date(t).toISOString();
const becomes = { acknowledge: 'acknowledged', resolve: 'resolved', ignore: 'ignored', reopen: 'triggered' };
const ranks = ['info', 'low', 'medium', 'high', 'critical'];
const standing = ['state', 'closed_at', 'reason', 'snoozed_until', 'assignee'];
const look = ['title', 'severity', 'join'];

const pick = (from, names) => Object.fromEntries(names.map((n) => [n, from[n]]));

/** The version of an incident. */
export const tag = (i) => `"${i.updated_at}-${i.notes.length}"`;

// What undoes the acts of an incident, the last at the end, and how its parts stood before they were one.
const undos = new WeakMap();
const before = new WeakMap();

const refused = (problem) => Object.assign(new Error(problem), { refused: true });

/** Does something with an incident, as POST incidents/:id/act. */
export function act({ state, res, req, id, body, now }) {
  const i = state.incidents.find((x) => x.id === id);
  if (i === undefined) return problem(res, 404, 'Not Found', `there is no incident ${id}`);
  if (req.headers['if-match'] && req.headers['if-match'] !== tag(i))
    return problem(res, 412, 'Precondition Failed', 'the incident has changed since you read it; read it again');
  try {
    (special[body.action] ?? ordinary)(i, body, { state, now });
  } catch (e) {
    if (!e.refused) throw e;
    return problem(res, 409, 'Conflict', `incident ${id}: ${e.message}`);
  }
  json(res, 200, i);
}

function ordinary(i, body, { now }) {
  const closes = body.action === 'resolve' || body.action === 'ignore';
  if (i.merged_into !== null && body.action !== 'note')
    throw refused(`it was merged into ${i.merged_into}: act there, or split it first`);
  if (closes && !body.reason) throw refused('it is not closed without a reason');
  if (body.action !== 'note') undos.set(i, [...(undos.get(i) ?? []), pick(i, standing)]);
  const next = becomes[body.action] ?? i.state;
  Object.assign(i, { state: next, updated_at: iso(now) });
  if (body.action in becomes)
    Object.assign(i, { closed_at: closes ? iso(now) : null, reason: closes ? body.reason : '', snoozed_until: null });
  if (body.action === 'acknowledge') i.assignee ||= 'ana';
  if (body.action === 'assign') i.assignee = body.assignee;
  if (body.action === 'snooze') i.snoozed_until = body.until;
  if (body.action === 'wake') i.snoozed_until = null;
  i.notes.push(`${body.action === 'note' ? '' : `${next}: `}${body.reason ?? ''}`);
}

function undo(i, _, { now }) {
  const all = undos.get(i) ?? [];
  const last = all.pop();
  if (last === undefined) throw refused('nothing that was done to it can be undone any more');
  Object.assign(i, last, { updated_at: iso(now) });
  i.notes.push('undone');
}

function merge(part, { into }, { state, now }) {
  const whole = state.incidents.find((x) => x.id === into);
  if (whole === undefined) throw refused(`there is no incident ${into} to merge it into`);
  if (part.merged_into !== null) throw refused(`it was merged into ${part.merged_into} already; split it first`);
  before.set(part, { part: pick(part, standing), whole: pick(whole, [...look, 'sensors', 'observations']) });
  Object.assign(part, { state: 'resolved', closed_at: iso(now), reason: `merged into ${into}`, merged_into: into });
  whole.merged = [...whole.merged, part.id];
  if (part.join !== '' && whole.join === '') Object.assign(whole, pick(part, ['title', 'join']));
  if (ranks.indexOf(part.severity) > ranks.indexOf(whole.severity)) whole.severity = part.severity;
  whole.observations += part.observations;
  whole.sensors = [...new Set([...whole.sensors, ...part.sensors])].sort();
  changed(part, whole, now, `merged with another: ${part.title}`);
}

function split(part, _, { state, now }) {
  const whole = state.incidents.find((x) => x.id === part.merged_into);
  if (whole === undefined) throw refused('it is no part of another');
  const stood = before.get(part);
  Object.assign(part, stood?.part ?? { state: 'triggered', closed_at: null, reason: '' }, { merged_into: null });
  Object.assign(whole, stood?.whole, { merged: whole.merged.filter((id) => id !== part.id) });
  changed(part, whole, now, `split off: ${part.title}`);
}

function changed(part, whole, now, words) {
  for (const i of [part, whole]) {
    i.updated_at = iso(now);
    i.notes.push(words);
  }
}

const special = { undo, merge, split };
