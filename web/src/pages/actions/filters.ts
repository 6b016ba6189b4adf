import type { ActionFilter } from '../../api/actions';
import type { Action } from '../../api/types';
import { type NamedView, readNames, writeNames } from '../../lib/view';

const names = ['state', 'playbook'] as const;

/** What the list is narrowed to. */
export type View = NamedView<(typeof names)[number]>;

export const readView = (search: string): View => readNames(search, names);
export const writeView = (v: View, open?: string): string => writeNames(v, names, open);

/** The states in the order of their choice, with their words. */
export const states: [Action['state'], string][] = [
  ['pending', 'Waits for approval'],
  ['done', 'Done'],
  ['failed', 'Failed'],
  ['undone', 'Undone'],
  ['rejected', 'Rejected'],
  ['expired', 'Expired'],
  ['due', 'About to be done'],
  ['dry_run', 'Dry run'],
];

/** The view as the API is asked for it; what it does not know, it ignores. */
export function filterOf({ state, playbook }: View): ActionFilter {
  const known = states.find(([s]) => s === state)?.[0];
  return { ...(known !== undefined && { state: known }), ...(playbook && { playbook }) };
}
