import { useQuery } from '@tanstack/react-query';
import { api, body } from './client';
import type { Worker } from './types';

/** Calls and queries about the nodes: their workers and their configuration. */
export const nodeKeys = { workers: ['workers'] as const, config: ['config'] as const };

export const useWorkers = () =>
  useQuery({ queryKey: nodeKeys.workers, queryFn: () => body(api.GET('/api/v1/workers')), refetchInterval: 5_000 });

export type WorkerCommand = { worker: Worker; reason: string };

export const stopWorker = (c: WorkerCommand) => body(api.POST('/api/v1/workers/{name}/stop', commandOf(c)));
export const startWorker = (c: WorkerCommand) => body(api.POST('/api/v1/workers/{name}/start', commandOf(c)));

const commandOf = ({ worker, reason }: WorkerCommand) => ({
  params: { path: { name: worker.name } },
  body: { reason, node: worker.node },
});

export const reloadConfig = (reason: string) => body(api.POST('/api/v1/config/reload', { body: { reason } }));

export const useConfig = (enabled: boolean) =>
  useQuery({ queryKey: nodeKeys.config, queryFn: () => body(api.GET('/api/v1/config')), enabled });
