import { useQuery } from '@tanstack/react-query';
import { api, body, whole } from './client';
import { etagOf } from './etag';
import type { AnomalyRuleDetail, AnomalyRuleRequest, AnomalyRuleUpdate, AnomalyTryRequest } from './types';

type Origin = AnomalyRuleDetail['origin'];

export const anomalyRuleKeys = {
  all: ['anomaly-rules'] as const,
  list: ['anomaly-rules', 'list'] as const,
  one: (id: string, origin?: Origin) => ['anomaly-rules', 'one', id, origin ?? ''] as const,
};

/** A rule as it was when the ETag was made; a change of it carries the ETag. */
export type LoadedAnomalyRule = AnomalyRuleDetail & { etag: string | null };

async function rule(id: string, origin?: Origin): Promise<LoadedAnomalyRule> {
  const query = origin && { origin };
  const { data, response } = await whole(api.GET('/api/v1/anomaly/rules/{id}', { params: { path: { id }, query } }));
  return { ...data, etag: etagOf(response) };
}

const based = (r: LoadedAnomalyRule) => ({ path: { id: r.id }, header: r.etag ? { 'If-Match': r.etag } : {} });

export const updateAnomalyRule = (r: LoadedAnomalyRule, b: AnomalyRuleUpdate) =>
  body(api.PUT('/api/v1/anomaly/rules/{id}', { params: based(r), body: b }));

export const deleteAnomalyRule = (r: LoadedAnomalyRule, reason: string) =>
  body(api.DELETE('/api/v1/anomaly/rules/{id}', { params: { ...based(r), query: { reason } } }));

export const createAnomalyRule = (b: AnomalyRuleRequest) => body(api.POST('/api/v1/anomaly/rules', { body: b }));

/** Asks what a draft would have opened. The server keeps neither it nor the records. */
export const tryAnomalyRule = (b: AnomalyTryRequest) => body(api.POST('/api/v1/anomaly/rules/try', { body: b }));

/** Every rule at once: the list is short enough to be filtered here, at every letter. */
export const useAnomalyRules = () =>
  useQuery({
    queryKey: anomalyRuleKeys.list,
    queryFn: () => body(api.GET('/api/v1/anomaly/rules')),
    staleTime: 15_000,
    refetchInterval: 60_000,
  });

/** A rule by its id; origin says which, when a file and an operator each have one of it. */
export const useAnomalyRule = (id: string, origin?: Origin) =>
  useQuery({ queryKey: anomalyRuleKeys.one(id, origin), queryFn: () => rule(id, origin) });
