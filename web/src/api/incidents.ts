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
};

export const incidentKeys = {
  all: ['incidents'] as const,
  list: ['incidents', 'list'] as const,
  gravest: ['incidents', 'gravest'] as const,
  one: (id: string) => ['incidents', 'one', id] as const,
};

export const useIncidents = (f: IncidentFilter) =>
  useInfiniteQuery({
    queryKey: [...incidentKeys.list, f],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/incidents', { params: { query: { ...f, limit: 100, cursor: pageParam } } })),
    ...paging,
  });

const mostGravest = 5;

const open = (severity: Severity[]) =>
  body(
    api.GET('/api/v1/incidents', {
      params: {
        query: { severity, state: ['triggered', 'acknowledged'], snoozed: 'false', limit: mostGravest },
      },
    }),
  );

/** The newest open incidents of the gravest severities, of each severity no more than there is room for. */
export const useGravestIncidents = () =>
  useQuery({
    queryKey: incidentKeys.gravest,
    queryFn: async () => {
      const all = await Promise.all((['critical', 'high', 'medium', 'low'] as const).map((s) => open([s])));
      return all.flatMap((l) => l.items).slice(0, mostGravest);
    },
    refetchInterval: 60_000,
  });

export const useIncident = (id: string) =>
  useQuery({
    queryKey: incidentKeys.one(id),
    queryFn: () => body(api.GET('/api/v1/incidents/{id}', { params: { path: { id } } })),
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
