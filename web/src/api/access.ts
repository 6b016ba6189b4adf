import { useQuery } from '@tanstack/react-query';
import { api, body } from './client';
import type { Role } from './types';

/** Calls and queries about users and one's own sessions. */
export const accessKeys = { sessions: ['sessions'] as const };

export type UserChange = { name: string; role?: Role; disabled?: boolean; reason?: string };

export const changeUser = ({ name, ...change }: UserChange) =>
  body(api.PUT('/api/v1/users/{name}', { params: { path: { name } }, body: change }));

export const removeUser = (name: string, reason: string) =>
  body(api.DELETE('/api/v1/users/{name}', { params: { path: { name }, query: { reason } } }));

/** Sets anyone's password as an administrator; for one's own, the current one is needed. */
export const setPassword = (name: string, password: string, current?: string) =>
  body(api.PUT('/api/v1/users/{name}/password', { params: { path: { name } }, body: { password, current } }));

export const useSessions = () =>
  useQuery({ queryKey: accessKeys.sessions, queryFn: () => body(api.GET('/api/v1/me/sessions')) });

export const endSession = (id: string) => body(api.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } }));
