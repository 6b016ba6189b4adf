import { expect, it } from 'vitest';
import type { Worker, WorkerState } from '../../api/types';
import { byNode, summary } from './order';

const worker = (node: string, name: string, state: WorkerState): Worker => ({
  node,
  name,
  state,
  detail: '',
  since: '2026-11-21T10:00:00Z',
  restarts: 0,
});
const all = [
  worker('b', 'notify', 'running'),
  worker('a', 'leak', 'running'),
  worker('b', 'audit', 'failed'),
  worker('b', 'janitor', 'running'),
  worker('b', 'bus', 'stopped'),
];

it('keeps the order of nodes and puts what ails first', () => {
  expect(byNode(all).map(([n, list]) => [n, list.map((w) => w.name)])).toEqual([
    ['b', ['audit', 'bus', 'janitor', 'notify']],
    ['a', ['leak']],
  ]);
});

it('counts by state, worst first', () => {
  expect(summary(all)).toBe('1 failed, 1 stopped, 3 running');
  expect(summary([])).toBe('');
});
