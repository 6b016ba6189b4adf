import {
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  type UseInfiniteQueryResult,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query';
import { useCallback } from 'react';
import * as calls from './calls';
import { ApiError } from './errors';

export const keys = {
  me: ['me'] as const,
  setup: ['setup'] as const,
  overview: ['overview'] as const,
  lists: ['quarantine', 'list'] as const,
  list: (f: calls.QuarantineFilter) => ['quarantine', 'list', f] as const,
  entry: (id: string) => ['quarantine', 'entry', id] as const,
  recent: ['quarantine', 'recent'] as const,
  findings: ['findings'] as const,
  sources: ['sources'] as const,
  health: ['health'] as const,
  users: ['users'] as const,
  apiKeys: ['api-keys'] as const,
};

/** The cache of the page. A 401 anywhere asks again who we are, which leads to the login. */
export function newQueryClient(): QueryClient {
  const askWhoWeAre = (error: unknown) => {
    if (error instanceof ApiError && error.status === 401) void client.invalidateQueries({ queryKey: keys.me });
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: (e, query) => query.queryKey[0] !== 'me' && askWhoWeAre(e) }),
    mutationCache: new MutationCache({ onError: askWhoWeAre }),
    defaultOptions: {
      queries: { retry: worthRetrying, staleTime: 5_000, refetchOnWindowFocus: false, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}

function worthRetrying(failures: number, error: Error): boolean {
  const status = error instanceof ApiError ? error.status : 0;
  return failures < 1 && (status === 0 || status >= 502);
}

export const useMe = () => useQuery({ queryKey: keys.me, queryFn: calls.me, staleTime: 60_000 });

export const useSetupState = (enabled: boolean) =>
  useQuery({ queryKey: keys.setup, queryFn: calls.setupState, enabled, staleTime: 0 });

export const useOverview = (hours: number) =>
  useQuery({
    queryKey: [...keys.overview, hours],
    queryFn: () => calls.overview(hours),
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });

export const useRecent = () =>
  useQuery({ queryKey: keys.recent, queryFn: () => calls.quarantine({ limit: 8 }), refetchInterval: 60_000 });

export const useSources = () => useQuery({ queryKey: keys.sources, queryFn: calls.sources, refetchInterval: 5_000 });

export const useHealth = () => useQuery({ queryKey: keys.health, queryFn: calls.health, refetchInterval: 10_000 });

/** How many rows a list holds at most; beyond it, filters lead to the rest. */
export const listBound = 20_000;

export const paging = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last: { next_cursor: string | null }) => last.next_cursor ?? undefined,
};

export const useQuarantineList = (f: calls.QuarantineFilter) =>
  useInfiniteQuery({
    queryKey: keys.list(f),
    queryFn: ({ pageParam }) => calls.quarantine({ ...f, limit: 100, cursor: pageParam }),
    ...paging,
  });

export const useFindings = (f: calls.FindingFilter) =>
  useInfiniteQuery({
    queryKey: [...keys.findings, f],
    queryFn: ({ pageParam }) => calls.findings({ ...f, limit: 100, cursor: pageParam }),
    ...paging,
  });

export const useEntry = (id: string) =>
  useQuery({ queryKey: keys.entry(id), queryFn: () => calls.quarantineEntry(id), staleTime: 2_000 });

export const useUsers = () => useQuery({ queryKey: keys.users, queryFn: calls.users });
export const useApiKeys = () => useQuery({ queryKey: keys.apiKeys, queryFn: calls.apiKeys });

/** Loads the next page of a list, unless one is on its way, failed, or the list is full. */
export function useNextPage(query: UseInfiniteQueryResult, shown: number): () => void {
  const { hasNextPage, isFetching, isError, fetchNextPage } = query;
  return useCallback(() => {
    if (hasNextPage && !isFetching && !isError && shown < listBound) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage, shown]);
}
