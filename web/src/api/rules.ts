import { useQuery } from '@tanstack/react-query';
import { api, body, whole } from './client';
import { etagOf } from './etag';
import type { RuleDetail, RuleDraft, RuleRequest, RuleUpdate } from './types';

export const ruleKeys = {
  all: ['rules'] as const,
  list: ['rules', 'list'] as const,
  one: (id: string) => ['rules', 'one', id] as const,
};

const rules = async () => (await body(api.GET('/api/v1/rules'))).items;

/** A rule as it was when the ETag was made; a change of it carries the ETag. */
export type LoadedRule = RuleDetail & { etag: string | null };

async function rule(id: string): Promise<LoadedRule> {
  const { data, response } = await whole(api.GET('/api/v1/rules/{id}', { params: { path: { id } } }));
  return { ...data, etag: etagOf(response) };
}

const based = (r: LoadedRule) => ({ path: { id: r.id }, header: r.etag ? { 'If-Match': r.etag } : {} });

export const updateRule = (r: LoadedRule, b: RuleUpdate) =>
  body(api.PUT('/api/v1/rules/{id}', { params: based(r), body: b }));

export const deleteRule = (r: LoadedRule, reason: string) =>
  body(api.DELETE('/api/v1/rules/{id}', { params: { ...based(r), query: { reason } } }));

export const createRule = (b: RuleRequest) => body(api.POST('/api/v1/rules', { body: b }));

/** Tries the rules in force, or the draft alone, on a text. The server keeps neither. */
export const testRules = (text: string, draft?: RuleDraft) =>
  body(api.POST('/api/v1/rules/test', { body: { text, ...(draft && { rule: draft }) } }));

export type ImportRequest = { name: string; content: string; dry_run: boolean; reason?: string };

export const importRules = (b: ImportRequest) => body(api.POST('/api/v1/rules/import', { body: b }));

/** Every rule at once: the list is short enough to be filtered here, at every letter. */
export const useRules = () =>
  useQuery({ queryKey: ruleKeys.list, queryFn: rules, staleTime: 15_000, refetchInterval: 60_000 });

export const useRule = (id: string) => useQuery({ queryKey: ruleKeys.one(id), queryFn: () => rule(id) });
