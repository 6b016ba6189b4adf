import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, body, whole } from './client';
import { paging } from './queries';
import type { Delivery, SilenceRequest, Webhook, WebhookRequest, WebhookUpdate } from './types';

export const webhookKeys = {
  all: ['webhooks'] as const,
  silences: ['webhooks', 'silences'] as const,
  list: ['webhooks', 'list'] as const,
  one: (id: string) => ['webhooks', 'one', id] as const,
  deliveries: (id: string) => ['webhooks', 'deliveries', id] as const,
};

export type DeliveryState = Delivery['state'];

/** A webhook as it was when the ETag was made; a change of it carries the ETag. */
export type LoadedWebhook = Webhook & { etag: string | null };

const at = (id: string) => ({ params: { path: { id } } });

async function webhook(id: string): Promise<LoadedWebhook> {
  const { data, response } = await whole(api.GET('/api/v1/webhooks/{id}', at(id)));
  return { ...data, etag: response.headers.get('ETag') };
}

export const deliveries = (id: string, query: { state?: DeliveryState; limit: number; cursor?: string }) =>
  body(api.GET('/api/v1/webhooks/{id}/deliveries', { params: { path: { id }, query } }));

export const createWebhook = (b: WebhookRequest) => body(api.POST('/api/v1/webhooks', { body: b }));

export const updateWebhook = (w: LoadedWebhook, b: WebhookUpdate) =>
  body(
    api.PUT('/api/v1/webhooks/{id}', {
      params: { path: { id: w.id }, header: w.etag ? { 'If-Match': w.etag } : {} },
      body: b,
    }),
  );

export const removeWebhook = (id: string, reason: string) =>
  body(api.DELETE('/api/v1/webhooks/{id}', { params: { path: { id }, query: { reason } } }));

/** Sends a test event the way every delivery goes. A failure is an answer too. */
export const testWebhook = (id: string) => body(api.POST('/api/v1/webhooks/{id}/test', { ...at(id), body: {} }));

export const enableWebhook = (id: string, reason: string) =>
  body(api.POST('/api/v1/webhooks/{id}/enable', { ...at(id), body: { reason } }));

export const pauseWebhook = (id: string, reason: string) =>
  body(api.POST('/api/v1/webhooks/{id}/pause', { ...at(id), body: { reason } }));

export const redeliver = (id: string, delivery: string) =>
  body(
    api.POST('/api/v1/webhooks/{id}/deliveries/{delivery}/redeliver', {
      params: { path: { id, delivery } },
      body: {},
    }),
  );

export const redeliverDead = (id: string) => body(api.POST('/api/v1/webhooks/{id}/redeliver', { ...at(id), body: {} }));

export const useWebhooks = () =>
  useQuery({
    queryKey: webhookKeys.list,
    queryFn: () => body(api.GET('/api/v1/webhooks')),
    refetchInterval: 10_000,
  });

export const useWebhook = (id: string) =>
  useQuery({ queryKey: webhookKeys.one(id), queryFn: () => webhook(id), refetchInterval: 10_000 });

export const useRecentDeliveries = (id: string) =>
  useQuery({
    queryKey: [...webhookKeys.deliveries(id), 'recent'],
    queryFn: () => deliveries(id, { limit: 5 }),
    refetchInterval: 5_000,
  });

export const useDeliveries = (id: string, state: DeliveryState | undefined) =>
  useInfiniteQuery({
    queryKey: [...webhookKeys.deliveries(id), state ?? 'all'],
    queryFn: ({ pageParam }) => deliveries(id, { state, limit: 100, cursor: pageParam }),
    // Renewing reads every page again, so a long list renews only when asked.
    refetchInterval: (q) => ((q.state.data?.pages.length ?? 0) <= 1 ? 5_000 : false),
    ...paging,
  });

/** The newest silences, those that are over too. */
export const useSilences = () =>
  useQuery({
    queryKey: webhookKeys.silences,
    queryFn: () => body(api.GET('/api/v1/silences', { params: { query: { limit: 200 } } })),
    refetchInterval: 10_000,
  });

/** What a silence would have hidden in the last 30 days. */
export function useSilencePreview(of: Omit<SilenceRequest, 'minutes' | 'reason'>) {
  const query = {
    topic: of.topics,
    rule: of.rules ?? undefined,
    fingerprint: of.fingerprints ?? undefined,
    source: of.sources ?? undefined,
    max_severity: of.max_severity,
  };
  return useQuery({
    queryKey: [...webhookKeys.silences, 'preview', query],
    queryFn: () => body(api.GET('/api/v1/silences/preview', { params: { query } })),
  });
}

export const addSilence = (b: SilenceRequest) => body(api.POST('/api/v1/silences', { body: b }));

export const endSilence = (id: string, reason: string) =>
  body(api.POST('/api/v1/silences/{id}/end', { ...at(id), body: { reason } }));
