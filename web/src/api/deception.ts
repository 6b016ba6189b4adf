import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, body, sendWithin } from './client';
import { paging } from './queries';
import type { Artifact, Decky, NewDecky } from './types';

/** Calls and queries about the deception sensor: deckies, and what was done to them. */
export type SessionFilter = { decky?: string; service?: string; attacker_ip?: string; recorded?: boolean };

export const deceptionKeys = {
  all: ['deception'] as const,
  deckies: ['deception', 'deckies'] as const,
  sessions: ['deception', 'sessions'] as const,
  session: ['deception', 'session'] as const,
  logs: ['deception', 'logs'] as const,
  artifacts: ['deception', 'artifacts'] as const,
  attackers: ['deception', 'attackers'] as const,
  attacker: ['deception', 'attacker'] as const,
  way: ['deception', 'way'] as const,
  record: ['deception', 'record'] as const,
  credentials: ['deception', 'credentials'] as const,
  reuses: ['deception', 'reuses'] as const,
  reuse: ['deception', 'reuse'] as const,
  feed: ['deception', 'feed'] as const,
};

export const useDeckies = (state?: Decky['state']) =>
  useInfiniteQuery({
    queryKey: [...deceptionKeys.deckies, state],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/deckies', { params: { query: { state, limit: 100, cursor: pageParam } } })),
    ...paging,
    refetchInterval: 10_000,
  });

export const addDecky = (b: NewDecky) => body(api.POST('/api/v1/deckies', { body: b }));

export const removeDecky = ({ name, node }: Decky, reason: string) =>
  body(api.DELETE('/api/v1/deckies/{name}', { params: { path: { name }, query: { node, reason } } }));

export const mutateDecky = ({ name, node }: Decky, reason: string) =>
  body(
    api.POST('/api/v1/deckies/{name}/mutate', {
      params: { path: { name }, query: { node } },
      body: { reason: reason === '' ? undefined : reason },
    }),
  );

export const useDeckySessions = (f: SessionFilter) =>
  useInfiniteQuery({
    queryKey: [...deceptionKeys.sessions, f],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/sessions', { params: { query: { ...f, limit: 100, cursor: pageParam } } })),
    ...paging,
  });

export const useDeckySession = (id: string) =>
  useQuery({
    queryKey: [...deceptionKeys.session, id],
    queryFn: () => body(api.GET('/api/v1/sessions/{id}', { params: { path: { id } } })),
  });

/** What a client did in a session, newest first. */
export const useSessionLogs = (session: string, event_type?: string) =>
  useInfiniteQuery({
    queryKey: [...deceptionKeys.logs, session, event_type],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/logs', { params: { query: { session, event_type, limit: 500, cursor: pageParam } } })),
    ...paging,
  });

export const useArtifacts = (f: { session?: string; attacker_ip?: string }) =>
  useInfiniteQuery({
    queryKey: [...deceptionKeys.artifacts, f],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/artifacts', { params: { query: { ...f, limit: 100, cursor: pageParam } } })),
    ...paging,
  });

export type AttackerFilter = { order?: 'time' | 'score'; min_score?: number };

export const useAttackers = (f: AttackerFilter) =>
  useInfiniteQuery({
    queryKey: [...deceptionKeys.attackers, f],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/attackers', { params: { query: { ...f, limit: 100, cursor: pageParam } } })),
    ...paging,
  });

/** An attacker by id, or by the address that they came from. */
export const useAttacker = (id: string) =>
  useQuery({
    queryKey: [...deceptionKeys.attacker, id],
    queryFn: () => body(api.GET('/api/v1/attackers/{id}', { params: { path: { id } } })),
  });

export const useWay = (id: string) =>
  useQuery({
    queryKey: [...deceptionKeys.way, id],
    queryFn: () => body(api.GET('/api/v1/attackers/{id}/traversal', { params: { path: { id } } })),
  });

/** A file that a client left, as bytes. The audit log says who fetched it. */
export function artifactData(a: Artifact, reason: string): Promise<Blob> {
  const path = { decky: a.decky, service: a.service, stored_as: a.stored_as };
  const asked = api.GET('/api/v1/artifacts/{decky}/{service}/{stored_as}', {
    params: { path, query: reason === '' ? {} : { reason } },
    parseAs: 'blob',
    fetch: sendWithin(300_000),
  });
  return body<unknown>(asked) as Promise<Blob>;
}

/** A recorded terminal, page by page. Every page that is read is in the audit log. */
export const useRecord = (decky: string, sid: string, enabled: boolean) =>
  useInfiniteQuery({
    queryKey: [...deceptionKeys.record, decky, sid],
    queryFn: ({ pageParam: offset }) =>
      body(
        api.GET('/api/v1/transcripts/{decky}/{sid}', {
          params: { path: { decky, sid }, query: { offset, limit: 10_000 } },
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (last, _, offset) => (last.next >= last.total || last.next <= offset ? undefined : last.next),
    enabled,
    meta: { reveals: true }, // looking again is another look in the audit log
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0, // and what was typed does not stay behind
  });

export type CredentialFilter = {
  decky?: string;
  service?: string;
  attacker_ip?: string;
  kind?: string;
  fingerprint?: string;
};

export const useCredentials = (f: CredentialFilter) =>
  useInfiniteQuery({
    queryKey: [...deceptionKeys.credentials, f],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/credentials', { params: { query: { ...f, limit: 100, cursor: pageParam } } })),
    ...paging,
  });

// What these two answer is in the clear: they are called when somebody asks, and their answer goes into no cache.

/** A credential as it was typed. The audit log says who looked. */
export const revealCredential = (id: string, reason: string) =>
  body(api.POST('/api/v1/credentials/{id}/reveal', { params: { path: { id } }, body: why(reason) }));

/** What a client sent. The audit log says who looked. */
export const revealLog = (id: string, reason: string) =>
  body(api.POST('/api/v1/logs/{id}/reveal', { params: { path: { id } }, body: why(reason) }));

const why = (reason: string) => (reason === '' ? {} : { reason });

export type ReuseFilter = { fingerprint?: string; min_targets?: number };

export const useReuses = (f: ReuseFilter) =>
  useInfiniteQuery({
    queryKey: [...deceptionKeys.reuses, f],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/credential-reuse', { params: { query: { ...f, limit: 100, cursor: pageParam } } })),
    ...paging,
  });

export const useReuse = (id: string) =>
  useQuery({
    queryKey: [...deceptionKeys.reuse, id],
    queryFn: () => body(api.GET('/api/v1/credential-reuse/{id}', { params: { path: { id } } })),
  });
