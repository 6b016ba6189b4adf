import type { FindingFilter } from '../../api/calls';
import { severities } from '../../components/Severity';
import { searchOf } from '../../lib/view';

/** The severities of findings; info never enters quarantine, but is found. */
export const findingSeverities = [...severities, 'info'] as const;

/** Reads the filter out of the address; what it does not know, it ignores. */
export function readFilter(search: string): FindingFilter {
  const q = new URLSearchParams(search);
  const severity = findingSeverities.filter((s) => q.getAll('severity').includes(s));
  const f: FindingFilter = {};
  for (const name of ['source', 'rule', 'fingerprint'] as const) {
    const value = q.get(name);
    if (value) f[name] = value;
  }
  return severity.length === 0 ? f : { ...f, severity };
}

/** Writes the filter as a query string, always in the same order. */
export function writeFilter(f: FindingFilter, open?: string): string {
  const q = new URLSearchParams();
  if (f.source) q.set('source', f.source);
  if (f.rule) q.set('rule', f.rule);
  for (const s of f.severity ?? []) q.append('severity', s);
  if (f.fingerprint) q.set('fingerprint', f.fingerprint);
  return searchOf(q, open);
}
