import { useInfiniteQuery } from '@tanstack/react-query';
import { api, body, sendWithin } from './client';
import { paging } from './queries';
import type { AuditCheckpoint } from './types';

/** Calls and queries about the audit log. */
export type AuditFilter = { actor?: string; action?: string; target?: string; from?: string; to?: string };

export const auditKeys = { records: ['audit'] as const };

export const auditRecords = (query: AuditFilter & { cursor?: string; limit?: number }) =>
  body(api.GET('/api/v1/audit', { params: { query } }));

export const useAudit = (f: AuditFilter, enabled: boolean) =>
  useInfiniteQuery({
    queryKey: [...auditKeys.records, f],
    queryFn: ({ pageParam }) => auditRecords({ ...f, limit: 100, cursor: pageParam }),
    enabled,
    ...paging,
  });

// Verifying reads the whole log; the server gives up after five minutes.
const long = sendWithin(310_000);

export const verifyAudit = (checkpoint?: AuditCheckpoint) =>
  body(api.POST('/api/v1/audit/verify', { body: checkpoint === undefined ? {} : { checkpoint }, fetch: long }));

export const signAudit = () => body(api.POST('/api/v1/audit/checkpoint', { fetch: long }));
