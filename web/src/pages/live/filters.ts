import type { Severity } from '../../api/types';
import { searchOf } from '../../lib/view';

/** What is told apart here: a secret of ours, a service that was used, one that was only looked at. */
export const grades = ['critical', 'low', 'info'] as const satisfies readonly Severity[];

/** What the feed is narrowed to. */
export type View = { decky?: string; service?: string; severity?: Severity[] };

/** Reads the view out of the address; what it does not know, it ignores. */
export function readView(search: string): View {
  const q = new URLSearchParams(search);
  const [decky, service] = [q.get('decky'), q.get('service')];
  const severity = grades.filter((s) => q.getAll('severity').includes(s));
  return { ...(decky && { decky }), ...(service && { service }), ...(severity.length > 0 && { severity }) };
}

/** Writes the view as a query string, always in the same order. */
export function writeView(v: View, open?: string): string {
  const q = new URLSearchParams();
  if (v.decky) q.set('decky', v.decky);
  if (v.service) q.set('service', v.service);
  for (const s of v.severity ?? []) q.append('severity', s);
  return searchOf(q, open);
}
