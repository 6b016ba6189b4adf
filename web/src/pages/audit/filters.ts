import type { AuditFilter } from '../../api/audit';
import { writeNames } from '../../lib/view';

/** The filter as the address holds it: days as the person chose them, in local time. */
export type AuditView = { actor?: string; action?: string; target?: string; from?: string; to?: string };

const names = ['actor', 'action', 'target', 'from', 'to'] as const;
const day = /^\d{4}-\d{2}-\d{2}$/;

/** Reads the filter out of the address; what it does not know, it ignores. */
export function readView(search: string): AuditView {
  const q = new URLSearchParams(search);
  const view: AuditView = {};
  for (const name of names) {
    const value = q.get(name);
    const known = value && ((name !== 'from' && name !== 'to') || isDay(value));
    if (known) view[name] = value;
  }
  return view;
}

/** Writes the filter as a query string, always in the same order. */
export const writeView = (v: AuditView, open?: number): string => writeNames(v, names, open?.toString());

/** The filter as the API wants it: from the first moment of a local day to the last of another. */
export function filterOf({ from, to, ...rest }: AuditView): AuditFilter {
  const f: AuditFilter = { ...rest };
  if (from !== undefined) f.from = new Date(`${from}T00:00:00`).toISOString();
  if (to !== undefined) f.to = new Date(`${to}T23:59:59.999`).toISOString();
  return f;
}

function isDay(text: string): boolean {
  return day.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00`));
}
