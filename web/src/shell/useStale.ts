import { type Query, useQueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';

/** What is on the page and could not be renewed: since when the oldest of it is known, and why. */
export type Stale = { since: number; why: string };

/** Finds the oldest answer among those on the page whose renewal failed; undefined when all are fresh. */
export function oldestStale(queries: readonly Query[]): Stale | undefined {
  const failed = queries.filter(couldNotRenew).toSorted((a, b) => a.state.dataUpdatedAt - b.state.dataUpdatedAt)[0];
  if (failed === undefined) return undefined;
  const why = failed.state.error ?? failed.state.fetchFailureReason;
  return { since: failed.state.dataUpdatedAt, why: why instanceof Error ? why.message : String(why) };
}

// A next page that did not come is told at the end of its list; who one is, by the login.
function couldNotRenew(query: Query): boolean {
  const { state } = query;
  const failed = state.status === 'error' || state.fetchFailureCount > 0;
  const nextPage = state.fetchMeta?.fetchMore !== undefined;
  return failed && state.data !== undefined && !nextPage && query.queryKey[0] !== 'me' && query.isActive();
}

/** What on this page is out of date, renewed whenever an answer comes or fails. */
export function useStale(): Stale | undefined {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback((changed: () => void) => cache.subscribe(changed), [cache]);
  const text = useSyncExternalStore(subscribe, () => {
    const stale = oldestStale(cache.getAll());
    return stale && JSON.stringify(stale);
  });
  return text === undefined ? undefined : (JSON.parse(text) as Stale);
}
