import type { Check, Health } from '../../api/types';

export type Group = { title: string; path?: string; checks: Check[] };

// Which kinds of checks stand together, in this order; kinds not named here are sources.
const platform = ['database', 'bus', 'audit', 'disk'];
const others = [...platform, 'egress', 'alerts', 'worker'];
const rank: Record<Health['status'], number> = { failing: 0, degraded: 1, ok: 2 };

/** Whether a check is about a source; its kind then says which kind of source. */
export const isSource = (c: Check): boolean => !others.includes(c.kind);

/** The checks in groups, what fails first within each; a group without checks is left out. */
export function groups(checks: Check[]): Group[] {
  const of = (want: (c: Check) => boolean) => checks.filter(want).toSorted((a, b) => rank[a.status] - rank[b.status]);
  return [
    { title: 'Sources', path: '/sources', checks: of(isSource) },
    { title: 'Egress', path: '/policy', checks: of((c) => c.kind === 'egress') },
    { title: 'Platform', checks: of((c) => platform.includes(c.kind)) },
    { title: 'Alerts', path: '/webhooks', checks: of((c) => c.kind === 'alerts') },
    { title: 'Workers', path: '/workers', checks: of((c) => c.kind === 'worker') },
  ].filter((g) => g.checks.length > 0);
}

/** "1 failing, 1 degraded, 5 ok": how many are in which status, worst first. */
export function tally(checks: Check[]): string {
  const states = Object.keys(rank) as Health['status'][];
  return states
    .map((s) => [checks.filter((c) => c.status === s).length, s] as const)
    .filter(([n]) => n > 0)
    .map(([n, s]) => `${n} ${s}`)
    .join(', ');
}
