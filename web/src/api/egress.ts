import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, body, whole } from './client';
import { ApiError } from './errors';
import { etagOf } from './etag';
import { paging } from './queries';
import type { EgressEndpoint, EgressPolicy, EndpointVerdict } from './types';

/** Calls and queries about the egress sensor. */
export type DecisionFilter = { verdict?: 'allow' | 'deny'; host?: string; program?: string; rule?: string };

export const egressKeys = {
  all: ['egress'] as const,
  status: ['egress', 'status'] as const,
  today: ['egress', 'today'] as const,
  decisions: ['egress', 'decisions'] as const,
  destinations: ['egress', 'destinations'] as const,
  endpoints: ['egress', 'endpoints'] as const,
  programs: ['egress', 'programs'] as const,
  baselines: ['egress', 'baselines'] as const,
  policy: ['egress', 'policy'] as const,
  versions: ['egress', 'versions'] as const,
  version: ['egress', 'version'] as const,
  check: ['egress', 'check'] as const,
};

/** The configuration has no section egress. */
export const isOff = (error: unknown) => error instanceof ApiError && error.status === 409;

export const useEgress = () =>
  useQuery({ queryKey: egressKeys.status, queryFn: () => body(api.GET('/api/v1/egress')), refetchInterval: 5_000 });

/** What was let out and refused since midnight, UTC. */
export const useEgressToday = () =>
  useQuery({
    queryKey: egressKeys.today,
    queryFn: () => body(api.GET('/api/v1/egress/stats', { params: { query: { days: 1 } } })),
    refetchInterval: 5_000,
  });

export const decisions = (query: DecisionFilter & { cursor?: string; limit?: number }) =>
  body(api.GET('/api/v1/egress/decisions', { params: { query } }));

export const useDecisions = (f: DecisionFilter) =>
  useInfiniteQuery({
    queryKey: [...egressKeys.decisions, f],
    queryFn: ({ pageParam }) => decisions({ ...f, limit: 100, cursor: pageParam }),
    ...paging,
  });

export const useDestinations = () =>
  useQuery({
    queryKey: egressKeys.destinations,
    queryFn: () => body(api.GET('/api/v1/egress/destinations', { params: { query: { limit: 1000 } } })),
    refetchInterval: 30_000,
  });

export type EndpointFilter = { state?: 'new' | 'reviewed'; host?: string; program?: string };

export const useEndpoints = (f: EndpointFilter) =>
  useInfiniteQuery({
    queryKey: [...egressKeys.endpoints, f],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/egress/endpoints', { params: { query: { ...f, limit: 100, cursor: pageParam } } })),
    ...paging,
  });

export type EndpointReview = { id: string; verdict: EndpointVerdict; reason: string; key: string };

/** Judges an endpoint as it is now. The key makes a repeat harmless. */
export async function reviewEndpoint({ id, verdict, reason, key }: EndpointReview): Promise<EgressEndpoint> {
  const { response } = await whole(api.GET('/api/v1/egress/endpoints/{id}', { params: { path: { id } } }));
  const etag = etagOf(response);
  const header = { 'Idempotency-Key': key, ...(etag ? { 'If-Match': etag } : {}) };
  return body(
    api.POST('/api/v1/egress/endpoints/{id}/review', { params: { path: { id }, header }, body: { verdict, reason } }),
  );
}

export const usePrograms = () =>
  useQuery({
    queryKey: egressKeys.programs,
    queryFn: () => body(api.GET('/api/v1/egress/programs', { params: { query: { limit: 1000 } } })),
    refetchInterval: 30_000,
  });

export const useBaselines = () =>
  useQuery({
    queryKey: egressKeys.baselines,
    queryFn: () => body(api.GET('/api/v1/egress/baselines', { params: { query: { limit: 500 } } })),
    refetchInterval: 60_000,
  });

/** The newest events that told of more than the usual. */
export const useDeviations = () =>
  useQuery({
    queryKey: ['events', 'deviations'],
    queryFn: () =>
      body(api.GET('/api/v1/events', { params: { query: { topic: ['egress.baseline.deviated'], limit: 500 } } })),
    refetchInterval: 60_000,
  });

export const turnKillSwitch = (active: boolean, reason: string) =>
  body(api.POST('/api/v1/egress/killswitch', { body: { active, reason } }));

/** The policy as it was when the ETag was made; a change of it carries the ETag. Null: there is none. */
export type LoadedPolicy = EgressPolicy & { etag: string | null };

async function policy(): Promise<LoadedPolicy | null> {
  try {
    const { data, response } = await whole(api.GET('/api/v1/egress/policy'));
    return { ...data, etag: etagOf(response) };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

export const usePolicy = () => useQuery({ queryKey: egressKeys.policy, queryFn: policy });

export const putPolicy = (document: string, reason: string, etag: string | null) =>
  body(
    api.PUT('/api/v1/egress/policy', {
      params: { header: etag ? { 'If-Match': etag } : {} },
      body: { document, reason },
    }),
  );

export const dryRunPolicy = (document: string) =>
  body(api.POST('/api/v1/egress/policy/dry-run', { body: { document, limit: 1000 } }));

/** What is wrong with a document, what its tests say, and what it changes about a version (or what is in force). */
export const useCheck = (document: string, against: number | undefined, enabled: boolean) =>
  useQuery({
    queryKey: [...egressKeys.check, against ?? 0, document],
    queryFn: () => body(api.POST('/api/v1/egress/policy/check', { body: { document, against } })),
    enabled,
    placeholderData: keepPreviousData, // marks stay while somebody types
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000, // a document may be long
    retry: false,
  });

export const useVersions = () =>
  useInfiniteQuery({
    queryKey: egressKeys.versions,
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/egress/policy/versions', { params: { query: { limit: 50, before: pageParam } } })),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next_before ?? undefined,
  });

export const useVersion = (version: number | undefined) =>
  useQuery({
    queryKey: [...egressKeys.version, version],
    queryFn: () =>
      body(api.GET('/api/v1/egress/policy/versions/{version}', { params: { path: { version: version ?? 0 } } })),
    enabled: version !== undefined,
    staleTime: Number.POSITIVE_INFINITY, // a version never changes
  });

export const rollBackPolicy = (version: number, reason: string) =>
  body(api.POST('/api/v1/egress/policy/rollback', { body: { version, reason } }));
