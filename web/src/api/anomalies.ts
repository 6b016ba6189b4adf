import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, body } from './client';
import { paging } from './queries';
import type { Anomaly, AnomalyQuery } from './types';

/** Calls and queries about anomalies. */
export type AnomalyFilter = Omit<AnomalyQuery, 'limit' | 'cursor'>;

export const anomalyKeys = {
  all: ['anomalies'] as const,
  list: ['anomalies', 'list'] as const,
  one: ['anomalies', 'one'] as const,
};

// An episode is told of when it has doubled; between, its count grows unsaid.
const between = 15_000;

export const useAnomalies = (f: AnomalyFilter) =>
  useInfiniteQuery({
    queryKey: [...anomalyKeys.list, f],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/anomalies', { params: { query: { ...f, limit: 100, cursor: pageParam } } })),
    ...paging,
    refetchInterval: (q) => ((q.state.data?.pages.length ?? 0) <= 1 ? between : false),
  });

/** One episode; what is over does not change any more. */
export const useAnomaly = (id: string, row: Anomaly | undefined) =>
  useQuery({
    queryKey: [...anomalyKeys.one, id],
    queryFn: () => body(api.GET('/api/v1/anomalies/{id}', { params: { path: { id } } })),
    enabled: row === undefined,
    refetchInterval: (q) => (q.state.data?.closed_at === null ? between : false),
  });
