import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, body, whole } from './client';
import { paging } from './queries';
import type { Incident, IncidentAction, IncidentState, Severity } from './types';

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

export type Act = { id: string; action: IncidentAction; reason?: string; assignee?: string; until?: string };

/** Does something with an incident as it is now. */
export async function actOnIncident({ id, ...act }: Act): Promise<Incident> {
  const path = { id };
  const { response } = await whole(api.GET('/api/v1/incidents/{id}', { params: { path } }));
  const etag = response.headers.get('ETag');
  return body(
    api.POST('/api/v1/incidents/{id}/act', { params: { path, header: etag ? { 'If-Match': etag } : {} }, body: act }),
  );
}
