import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import * as calls from './calls';
import { api, body } from './client';
import { paging } from './queries';

/** Calls and queries about gossip gateways, and what they withhold. */
export const gossipKeys = {
  all: ['gossip'] as const,
  gateways: ['gossip', 'gateways'] as const,
  blocks: ['gossip', 'blocks'] as const,
  withheld: ['gossip', 'withheld'] as const,
};

export const useGateways = () =>
  useQuery({
    queryKey: gossipKeys.gateways,
    queryFn: () => body(api.GET('/api/v1/gossip/gateways')),
    refetchInterval: 5_000,
  });

export const useMessageBlocks = () =>
  useInfiniteQuery({
    queryKey: gossipKeys.blocks,
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/gossip/blocks', { params: { query: { limit: 50, cursor: pageParam } } })),
    ...paging,
  });

/** The latest quarantine entries of a gateway. */
export const useWithheld = (gateway: string) =>
  useQuery({
    queryKey: [...gossipKeys.withheld, gateway],
    queryFn: () => calls.quarantine({ source: gateway, limit: 5 }),
    refetchInterval: 15_000,
  });

export const blockMessage = (message_id: string, reason: string) =>
  body(api.POST('/api/v1/gossip/blocks', { body: { message_id, reason } }));

export const unblockMessage = (message_id: string, reason: string) =>
  body(api.DELETE('/api/v1/gossip/blocks/{message_id}', { params: { path: { message_id }, query: { reason } } }));
