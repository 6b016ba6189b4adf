import type { QuarantineFilter } from '../../api/calls';
import type { Quarantine } from '../../api/types';
import { severities } from '../../components/Severity';
import { searchOf } from '../../lib/view';

/** Reads the filter out of the address; what it does not know, it ignores. */
export function readFilter(search: string): QuarantineFilter {
  const q = new URLSearchParams(search);
  const wanted = q.getAll('severity').filter(isSeverity);
  const reviewed = q.get('reviewed');
  return clean({
    source: q.get('source') || undefined,
    rule: q.get('rule') || undefined,
    severity: wanted.length === 0 ? undefined : severities.filter((s) => wanted.includes(s)),
    reviewed: reviewed === 'true' ? true : reviewed === 'false' ? false : undefined,
  });
}

/** Writes the filter as a query string, always in the same order. */
export function writeFilter(f: QuarantineFilter): string {
  const q = new URLSearchParams();
  if (f.source) q.set('source', f.source);
  if (f.rule) q.set('rule', f.rule);
  for (const s of f.severity ?? []) q.append('severity', s);
  if (f.reviewed !== undefined) q.set('reviewed', String(f.reviewed));
  return searchOf(q);
}

export const isEmpty = (f: QuarantineFilter) => writeFilter(f) === '';

const isSeverity = (s: string): s is Quarantine['severity'] => (severities as readonly string[]).includes(s);

// Absent keys, not undefined ones: the filter is a cache key.
function clean(f: QuarantineFilter): QuarantineFilter {
  return Object.fromEntries(Object.entries(f).filter(([, v]) => v !== undefined));
}
