import type { Worker, WorkerState } from '../../api/types';

const rank: Record<WorkerState, number> = { failed: 0, degraded: 1, stopped: 2, starting: 3, running: 4 };

/** The workers by node, nodes as the server gives them; what ails comes first within. */
export function byNode(workers: Worker[]): [node: string, workers: Worker[]][] {
  const by = new Map<string, Worker[]>();
  for (const w of workers) by.set(w.node, [...(by.get(w.node) ?? []), w]);
  return [...by].map(([node, list]) => [
    node,
    list.toSorted((a, b) => rank[a.state] - rank[b.state] || a.name.localeCompare(b.name)),
  ]);
}

/** "1 failed, 12 running": how many are in which state, worst first. */
export function summary(workers: Worker[]): string {
  const states = Object.keys(rank) as WorkerState[];
  return states
    .map((s) => [workers.filter((w) => w.state === s).length, s] as const)
    .filter(([n]) => n > 0)
    .map(([n, s]) => `${n} ${s}`)
    .join(', ');
}
