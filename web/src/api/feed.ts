import { useInfiniteQuery } from '@tanstack/react-query';
import { api, body } from './client';
import { deceptionKeys } from './deception';
import type { Credential, DeckyLog } from './types';

/** Where the feed looks; without a name everywhere. */
export type Place = { decky?: string; service?: string };

/** What was on record when the feed began, newest first. */
export type FeedStart = { logs: DeckyLog[]; leaked: Credential[]; next_cursor: null };

const most = 500; // the largest page that the server gives

async function start(place: Place): Promise<FeedStart> {
  const query = { ...place, limit: most };
  const [logs, tried] = await Promise.all([
    body(api.GET('/api/v1/logs', { params: { query } })),
    body(api.GET('/api/v1/credentials', { params: { query } })),
  ]);
  const oldest = logs.next_cursor === null ? 0 : Date.parse(logs.items.at(-1)?.timestamp ?? '');
  const leaked = tried.items.filter((c) => c.leaked && Date.parse(c.last_seen) >= oldest);
  return { logs: logs.items, leaked, next_cursor: null };
}

/** What the feed begins with: one page, read anew whenever the feed begins. */
export const useFeedStart = (place: Place, view: string, enabled: boolean) =>
  useInfiniteQuery({
    queryKey: [...deceptionKeys.feed, view],
    queryFn: () => start(place),
    initialPageParam: undefined,
    getNextPageParam: () => undefined,
    enabled,
    staleTime: 0,
    gcTime: 0,
  });
