import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { api, body, whole } from './client';
import { etagOf } from './etag';
import { paging } from './queries';
import type { Incident, IncidentAction, IncidentDetail, IncidentState, Severity } from './types';

/** Calls and queries about incidents. */
export type IncidentFilter = {
  state?: IncidentState[];
  severity?: Severity[];
  assignee?: string;
  fingerprint?: string;
  address?: string;
  snoozed?: 'true' | 'false';
  sort?: 'gravest' | 'newest';
};

export const incidentKeys = {
  all: ['incidents'] as const,
  list: ['incidents', 'list'] as const,
  gravest: ['incidents', 'gravest'] as const,
  open: ['incidents', 'open'] as const,
  one: (id: string) => ['incidents', 'one', id] as const,
  seen: (id: string) => ['incidents', 'seen', id] as const,
};

export const useIncidents = (f: IncidentFilter) =>
  useInfiniteQuery({
    queryKey: [...incidentKeys.list, f],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/incidents', { params: { query: { ...f, limit: 100, cursor: pageParam } } })),
    ...paging,
  });

const waiting = { state: ['triggered', 'acknowledged'], snoozed: 'false' } satisfies IncidentFilter;

/** A few of the incidents that are open and not put aside, the gravest first. */
export const useGravestIncidents = () =>
  useQuery({
    queryKey: incidentKeys.gravest,
    queryFn: async () =>
      (await body(api.GET('/api/v1/incidents', { params: { query: { ...waiting, limit: 5 } } }))).items,
    refetchInterval: 60_000,
  });

/** How many incidents are open and not put aside; a snooze ends without an event, so it is asked again. */
export const useOpenIncidents = () =>
  useQuery({
    queryKey: incidentKeys.open,
    queryFn: () => body(api.GET('/api/v1/incidents/open')),
    refetchInterval: 60_000,
  });

/** One incident with its timeline; of no id, nothing is asked. */
export const useIncident = (id: string | undefined) =>
  useQuery({
    queryKey: incidentKeys.one(id ?? ''),
    queryFn: () => body(api.GET('/api/v1/incidents/{id}', { params: { path: { id: id ?? '' } } })),
    enabled: id !== undefined,
  });

/** An incident as it was when the ETag was made; what is done to what somebody saw carries the ETag. */
export type SeenIncident = IncidentDetail & { etag: string | null };

async function seen(id: string): Promise<SeenIncident> {
  const { data, response } = await whole(api.GET('/api/v1/incidents/{id}', { params: { path: { id } } }));
  return { ...data, etag: etagOf(response) };
}

/** A few incidents as they are now, in this order. */
export function useSeen(ids: string[]): { all: SeenIncident[]; error: Error | null; pending: boolean } {
  const queries = ids.map((id) => ({ queryKey: incidentKeys.seen(id), queryFn: () => seen(id), staleTime: 0 }));
  return useQueries({
    queries,
    combine: (results) => ({
      all: results.flatMap((r) => r.data ?? []),
      error: results.find((r) => r.error !== null)?.error ?? null,
      pending: results.some((r) => r.isPending),
    }),
  });
}

export type Act = {
  id: string;
  action: IncidentAction;
  reason?: string;
  assignee?: string;
  until?: string;
  into?: string;
};

/** Does something with an incident as somebody saw it; who saw something else is refused. */
export const actOnSeen = ({ id, ...act }: Act, etag: string | null): Promise<Incident> =>
  body(
    api.POST('/api/v1/incidents/{id}/act', {
      params: { path: { id }, header: etag ? { 'If-Match': etag } : {} },
      body: act,
    }),
  );

/** Does something with an incident as it is now. */
export const actOnIncident = async (act: Act): Promise<Incident> => actOnSeen(act, (await seen(act.id)).etag);
