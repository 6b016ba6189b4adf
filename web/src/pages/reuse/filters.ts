import type { ReuseFilter } from '../../api/deception';
import { type NamedView, readNames, writeNames } from '../../lib/view';

const names = ['min', 'fingerprint'] as const;

/** What the list is narrowed to; min is one of steps or nothing. */
export type View = NamedView<(typeof names)[number]>;

/** On how many services of deckies. */
export const steps = [2, 3, 5, 10];

export const readView = (search: string): View => readNames(search, names);
export const writeView = (v: View, open?: string): string => writeNames(v, names, open);

/** The view as the API is asked for it; what it does not know, it ignores. */
export function filterOf({ min, fingerprint }: View): ReuseFilter {
  const least = steps.find((s) => String(s) === min);
  return { ...(fingerprint && { fingerprint }), ...(least !== undefined && { min_targets: least }) };
}
