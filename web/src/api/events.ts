import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, body } from './client';
import { paging } from './queries';
import type { EventLogQuery, EventRecord } from './types';

/** Calls and queries about the event log. */
export type EventFilter = Omit<EventLogQuery, 'limit' | 'cursor'>;

export const eventKeys = {
  list: ['events', 'list'] as const,
  one: ['events', 'one'] as const,
};

// The stream of all that is said may be more than a page can draw: the log is read again instead.
const between = 5_000;

/** The newest events that pass; while no more than the first page is shown, read again and again. */
export const useEvents = (f: EventFilter) =>
  useInfiniteQuery({
    queryKey: [...eventKeys.list, f],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/events', { params: { query: { ...f, limit: 100, cursor: pageParam } } })),
    ...paging,
    refetchInterval: (q) => ((q.state.data?.pages.length ?? 0) <= 1 && !isPast(f.until) ? between : false),
  });

const isPast = (time: string | undefined): boolean => time !== undefined && Date.parse(time) < Date.now();

/** One event; it never changes. */
export const useEvent = (id: string, row: EventRecord | undefined) =>
  useQuery({
    queryKey: [...eventKeys.one, id],
    queryFn: () => body(api.GET('/api/v1/events/{id}', { params: { path: { id } } })),
    enabled: row === undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });

const day = 24 * 60 * 60_000;

/** The newest events of the last day, of topics that somebody thinks of. */
export const useLastDay = (topic: string[]) =>
  useQuery({
    queryKey: ['events', 'last day', topic],
    queryFn: () => {
      const since = new Date(Date.now() - day).toISOString();
      return body(api.GET('/api/v1/events', { params: { query: { topic, since, limit: 500 } } }));
    },
    enabled: topic.length > 0,
    retry: false,
    staleTime: 60_000,
  });
