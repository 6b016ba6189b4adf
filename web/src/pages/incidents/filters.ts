import type { IncidentFilter } from '../../api/incidents';
import type { Severity } from '../../api/types';
import { severities } from '../../components/Severity';
import { searchOf } from '../../lib/view';

const queues = ['review', 'mine', 'snoozed', 'closed', 'all'] as const;

/**
 * What the list is narrowed to, and how it is sorted. Without a queue it holds what is open and not put aside,
 * without an order the gravest come first.
 */
export type View = {
  queue?: (typeof queues)[number];
  severity?: Severity[];
  fingerprint?: string;
  address?: string;
  sort?: 'newest';
};

/** Reads the view out of the address; what it does not know, it ignores. */
export function readView(search: string): View {
  const q = new URLSearchParams(search);
  const queue = queues.find((s) => s === q.get('queue'));
  const severity = severities.filter((s) => q.getAll('severity').includes(s));
  const [fingerprint, address] = [q.get('fingerprint'), q.get('address')];
  return {
    ...(queue && { queue }),
    ...(severity.length > 0 && { severity }),
    ...(fingerprint && { fingerprint }),
    ...(address && { address }),
    ...(q.get('sort') === 'newest' && { sort: 'newest' }),
  };
}

/** Whether the view leaves out more than the page does by itself. */
export const isNarrowed = ({ sort: _, ...narrowed }: View) => writeView(narrowed) !== '';

/** Writes the view as a query string, always in the same order. */
export function writeView(v: View, open?: string): string {
  const q = new URLSearchParams();
  if (v.queue) q.set('queue', v.queue);
  for (const s of v.severity ?? []) q.append('severity', s);
  if (v.fingerprint) q.set('fingerprint', v.fingerprint);
  if (v.address) q.set('address', v.address);
  if (v.sort) q.set('sort', v.sort);
  return searchOf(q, open);
}

/** The view as the API is asked for it. A secret or an address has one incident, in whatever state. */
export function filterOf({ queue, ...narrowed }: View): IncidentFilter {
  const { fingerprint, address } = narrowed;
  if (queue === 'all' || fingerprint || address) return narrowed;
  if (queue === 'closed') return { ...narrowed, state: ['resolved', 'ignored'] };
  const open = { ...narrowed, snoozed: queue === 'snoozed' ? 'true' : 'false' } as const;
  if (queue === 'review') return { ...open, state: ['triggered'] };
  return { ...open, state: ['triggered', 'acknowledged'], ...(queue === 'mine' && { assignee: '@me' }) };
}
