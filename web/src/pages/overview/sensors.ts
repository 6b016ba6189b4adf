import type { Severity } from '../../api/types';
import { severities } from '../../components/Severity';
import { count } from '../../lib/format';

const day = 86_400_000;

/** The first page of a list, newest first. */
type Page<T> = { items: T[]; next_cursor: string | null };

/** How many there are, as far as the first page tells: "100+" when there are more. */
export const atLeast = (page: Page<unknown>): string =>
  `${count(page.items.length)}${page.next_cursor === null ? '' : '+'}`;

/** How many of the first page began within a day; with a plus when all did and there are more. */
export function recent(page: Page<{ started_at: string }>, now: number): string {
  const n = page.items.filter((s) => now - Date.parse(s.started_at) < day).length;
  return n === page.items.length ? atLeast(page) : count(n);
}

/** Counts by severity, the gravest first, without those of which there are none. */
export function bySeverity(items: { severity: Severity }[]): [Severity, number][] {
  return severities
    .map((s): [Severity, number] => [s, items.filter((i) => i.severity === s).length])
    .filter(([, n]) => n > 0);
}
