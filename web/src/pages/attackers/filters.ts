import type { AttackerFilter } from '../../api/deception';
import { type NamedView, readNames, writeNames } from '../../lib/view';

const names = ['order', 'min'] as const;

/** How the list is ordered and narrowed; without an order, who came last is first. */
export type View = NamedView<(typeof names)[number]>;

/** The scores at which Cordon tells of an attacker. */
export const steps = [25, 50, 75, 90];

export const readView = (search: string): View => readNames(search, names);
export const writeView = (v: View, open?: string): string => writeNames(v, names, open);

/** The view as the API is asked for it; what it does not know, it ignores. */
export function filterOf({ order, min }: View): AttackerFilter {
  const least = steps.find((s) => String(s) === min);
  return { ...(order === 'score' && { order }), ...(least !== undefined && { min_score: least }) };
}
