import { useInfiniteQuery } from '@tanstack/react-query';
import { api, body } from './client';
import { paging } from './queries';
import type { Block, BlockRequest } from './types';

/** Calls and queries about the block list: what firewalls are to turn away. */
export const blockKeys = { all: ['blocks'] as const };

// What runs out does so without an event.
const between = 60_000;

export const useBlocks = (all: boolean) =>
  useInfiniteQuery({
    queryKey: [...blockKeys.all, all],
    queryFn: ({ pageParam }) => blocks(all, pageParam),
    ...paging,
    refetchInterval: (q) => ((q.state.data?.pages.length ?? 0) <= 1 ? between : false),
  });

// The same list is there as plain text for firewalls; asked for JSON, it is a page.
async function blocks(
  all: boolean,
  cursor: string | undefined,
): Promise<{ items: Block[]; next_cursor: string | null }> {
  const query = { all, cursor, limit: 100, format: 'json' as const };
  const page = await body(api.GET('/api/v1/decisions', { params: { query } }));
  if (typeof page === 'string') throw new Error('The server answered with a list for firewalls.');
  return page;
}

export const addBlock = (b: BlockRequest) => body(api.POST('/api/v1/decisions', { body: b }));

export const endBlock = (id: string, reason: string) =>
  body(api.POST('/api/v1/decisions/{id}/end', { params: { path: { id } }, body: { reason } }));
