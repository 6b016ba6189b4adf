import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { QuarantineFilter } from './calls';
import { keys } from './queries';
import type { Page, Quarantine } from './types';

export type Pages = InfiniteData<Page<Quarantine>>;

/** Whether a row belongs into a list narrowed by f. */
export function matches(f: QuarantineFilter, row: Quarantine): boolean {
  return (
    (f.source === undefined || f.source === row.source) &&
    (f.rule === undefined || f.rule === row.rule) &&
    (f.reviewed === undefined || f.reviewed === row.reviewed) &&
    (f.severity === undefined || f.severity.length === 0 || f.severity.includes(row.severity))
  );
}

/** Puts rows at the head of a list, newest first, each at most once. */
export function prepend(client: QueryClient, f: QuarantineFilter, rows: Quarantine[]): void {
  client.setQueryData<Pages>(keys.list(f), (old) => {
    const [first, ...rest] = old?.pages ?? [];
    if (old === undefined || first === undefined) return old;
    const known = new Set(old.pages.flatMap((p) => p.items.map((r) => r.id)));
    const fresh = rows.filter((r) => !known.has(r.id));
    return { ...old, pages: [{ ...first, items: [...fresh, ...first.items] }, ...rest] };
  });
}

/** Puts a row at the head of the overview's short list. */
export function prependRecent(client: QueryClient, row: Quarantine): void {
  client.setQueryData<Page<Quarantine>>(keys.recent, (old) => {
    if (old === undefined || old.items.some((r) => r.id === row.id)) return old;
    return { ...old, items: [row, ...old.items].slice(0, 8) };
  });
}

/** Changes one entry wherever it is shown. */
export function patch(client: QueryClient, id: string, change: Partial<Quarantine>): void {
  const one = (r: Quarantine) => (r.id === id ? { ...r, ...change } : r);
  const page = (p: Page<Quarantine>) => ({ ...p, items: p.items.map(one) });
  client.setQueriesData<Pages>({ queryKey: keys.lists }, (old) => old && { ...old, pages: old.pages.map(page) });
  client.setQueryData<Page<Quarantine>>(keys.recent, (old) => old && page(old));
  client.setQueryData<Quarantine>(keys.entry(id), (old) => old && one(old));
}
