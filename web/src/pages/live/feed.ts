import type { FeedStart } from '../../api/feed';
import type { Credential, DeckyLog, Severity } from '../../api/types';
import { plural } from '../../lib/format';
import {
  type Captured,
  type Contact,
  type Ended,
  type Envelope,
  type Started,
  type Traffic,
  topics,
} from '../../live/events';
import type { View } from './filters';

/** How many rows the feed holds; older ones are in their sessions. */
export const bound = 500;

/** One thing that a client did on a decky. */
export type Row = {
  id: string;
  at: string;
  severity: Severity;
  type: string;
  decky: string;
  service: string;
  address: string;
  session: string;
  words: string;
};

/** The type of a row that tells of a secret which the leak sensor knows, beside the attempt itself. */
export const leakedSecret = 'leaked_secret';

/** What the feed begins with. */
export const rowsOf = ({ logs, leaked }: FeedStart): Row[] => [...logs.map(ofLog), ...leaked.map(ofCredential)];

const ofLog = (l: DeckyLog): Row => ({
  id: l.id,
  at: l.timestamp,
  severity: l.severity,
  type: l.event_type,
  decky: l.decky,
  service: l.service,
  address: l.attacker_ip,
  session: l.session,
  words: l.summary,
});

const ofCredential = (c: Credential): Row => ({
  id: `credential-${c.id}`,
  at: c.last_seen,
  severity: 'critical',
  type: leakedSecret,
  decky: c.decky,
  service: c.service,
  address: c.attacker_ip,
  session: c.session,
  words: leakedWords(c.principal, c.accepted),
});

/** The row that an event tells of; null for what the feed does not show. */
export function rowOf(e: Envelope): Row | null {
  const row = said(e);
  return row === null || typeof row.session !== 'string' || Number.isNaN(Date.parse(row.at)) ? null : row;
}

function said(e: Envelope): Row | null {
  if (topics.traffic.test(e.topic)) {
    const d = e.data as Traffic;
    return { ...contact(e, d), type: d.type, words: d.summary ?? '' };
  }
  if (e.topic === topics.sessionStarted) {
    return { ...contact(e, e.data as Started), type: 'connected', words: startedWords(e.data as Started) };
  }
  if (e.topic === topics.sessionEnded) {
    return { ...contact(e, e.data as Ended), type: 'disconnected', words: endedWords(e.data as Ended) };
  }
  if (e.topic !== topics.captured || !(e.data as Captured).leaked) return null;
  const d = e.data as Captured;
  const words = leakedWords(d.principal, d.accepted);
  return { ...contact(e, d), id: `credential-${d.credential_id}`, type: leakedSecret, words };
}

const contact = (e: Envelope, d: Contact) => ({
  id: e.id,
  at: d.occurred_at,
  severity: e.severity,
  decky: d.decky,
  service: d.service,
  address: d.source_ip,
  session: d.session,
});

const startedWords = ({ source_ip: ip, source_port: port }: Started) =>
  `connected from ${ip.includes(':') ? `[${ip}]` : ip}:${port}`;

function endedWords(d: Ended): string {
  const did = [
    d.logged_in && 'let in',
    d.attempts > 0 && plural(d.attempts, 'attempt'),
    d.commands > 0 && plural(d.commands, 'command'),
    d.artifacts > 0 && plural(d.artifacts, 'file'),
  ].filter((part) => part !== false);
  return [`after ${Math.max(0, Math.round(d.seconds))} s`, ...did].join(', ');
}

const leakedWords = (principal: string, accepted: boolean) =>
  `a secret that leaked here, as "${principal}", ${accepted ? 'accepted' : 'refused'}`;

/** Whether a row belongs into a feed narrowed by v. */
export const fits = (v: View, r: Row): boolean =>
  (v.decky === undefined || v.decky === r.decky) &&
  (v.service === undefined || v.service === r.service) &&
  (v.severity === undefined || v.severity.includes(r.severity));

/**
 * Both as one, newest first, each row once, at most bound of them. Of two with one id
 * the newer counts, and of equals the second: what is shown does not change its words.
 */
export function merge(a: Row[], b: Row[]): Row[] {
  const byId = new Map<string, Row>();
  for (const r of [...a, ...b]) {
    const known = byId.get(r.id);
    if (known === undefined || Date.parse(known.at) <= Date.parse(r.at)) byId.set(r.id, r);
  }
  return [...byId.values()].sort(newestFirst).slice(0, bound);
}

// The ids of logs grow with time, also within what one clock calls the same moment.
const newestFirst = (a: Row, b: Row) => Date.parse(b.at) - Date.parse(a.at) || (a.id < b.id ? 1 : -1);

/** How many rows of all are not among those that are shown. */
export function newIn(shown: Row[], all: Row[]): number {
  const seen = new Set(shown.map((r) => r.id + r.at));
  return all.filter((r) => !seen.has(r.id + r.at)).length;
}
