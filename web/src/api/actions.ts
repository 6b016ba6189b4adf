import { useInfiniteQuery } from '@tanstack/react-query';
import { api, body } from './client';
import { paging } from './queries';
import type { ActionQuery } from './types';

/** Calls and queries about what playbooks want done. */
export type ActionFilter = Omit<ActionQuery, 'limit' | 'cursor'>;
export type ActionVerb = 'approve' | 'reject' | 'undo';

export const actionKeys = { all: ['actions'] as const };

export const useActions = (f: ActionFilter) =>
  useInfiniteQuery({
    queryKey: [...actionKeys.all, f],
    queryFn: ({ pageParam }) =>
      body(api.GET('/api/v1/playbooks/actions', { params: { query: { ...f, limit: 100, cursor: pageParam } } })),
    ...paging,
  });

export function changeAction(id: string, verb: ActionVerb, reason: string) {
  const given = { params: { path: { id } }, body: { reason } };
  if (verb === 'approve') return body(api.POST('/api/v1/playbooks/actions/{id}/approve', given));
  if (verb === 'reject') return body(api.POST('/api/v1/playbooks/actions/{id}/reject', given));
  return body(api.POST('/api/v1/playbooks/actions/{id}/undo', given));
}
