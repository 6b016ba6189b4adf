import { api, body, whole } from './client';
import { etagOf } from './etag';
import type { Quarantine, QuarantineDetail, ReviewAction, Role, Severity } from './types';

export type QuarantineFilter = {
  source?: string;
  rule?: string;
  severity?: Exclude<Severity, 'info'>[];
  reviewed?: boolean;
};
export type FindingFilter = { source?: string; rule?: string; severity?: Severity[]; fingerprint?: string };
type Paging = { cursor?: string; limit?: number };

export const setupState = () => body(api.GET('/api/v1/setup'));
export const me = () => body(api.GET('/api/v1/me'));
export const overview = (hours: number) => body(api.GET('/api/v1/overview', { params: { query: { hours } } }));
export const sources = () => body(api.GET('/api/v1/sources'));
export const health = () => body(api.GET('/api/v1/health'));
export const users = () => body(api.GET('/api/v1/users'));
export const apiKeys = () => body(api.GET('/api/v1/api-keys'));
export const quarantine = (query: QuarantineFilter & Paging) =>
  body(api.GET('/api/v1/quarantine', { params: { query } }));
export const findings = (query: FindingFilter & Paging) => body(api.GET('/api/v1/findings', { params: { query } }));

/** An entry as it was when the ETag was made; a review of it carries the ETag. */
export type Entry = QuarantineDetail & { etag: string | null };

export async function quarantineEntry(id: string): Promise<Entry> {
  const { data, response } = await whole(api.GET('/api/v1/quarantine/{id}', { params: { path: { id } } }));
  return { ...data, etag: etagOf(response) };
}

export type ReviewRequest = { id: string; action: ReviewAction; reason: string; etag?: string | null; key: string };

/** Records a person's judgement. The key makes a repeat harmless. */
export function review(r: ReviewRequest): Promise<Quarantine> {
  const header = { 'Idempotency-Key': r.key, ...(r.etag ? { 'If-Match': r.etag } : {}) };
  return body(
    api.POST('/api/v1/quarantine/{id}/review', {
      params: { path: { id: r.id }, header },
      body: { action: r.action, reason: r.reason },
    }),
  );
}

type Credentials = { name: string; password: string };

export const setup = (b: Credentials & { token: string }) => body(api.POST('/api/v1/setup', { body: b }));
export const login = (b: Credentials) => body(api.POST('/api/v1/login', { body: b }));
export const logout = () => body(api.POST('/api/v1/logout'));
export const createUser = (b: Credentials & { role: Role }) => body(api.POST('/api/v1/users', { body: b }));
export const createApiKey = (b: { name: string; role: Role; expires_at?: string; scopes?: string[] }) =>
  body(api.POST('/api/v1/api-keys', { body: b }));
export const revokeApiKey = (name: string) =>
  body(api.DELETE('/api/v1/api-keys/{name}', { params: { path: { name } } }));
