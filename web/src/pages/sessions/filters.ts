import type { SessionFilter } from '../../api/deception';
import { type NamedView, readNames, writeNames } from '../../lib/view';

const names = ['decky', 'service', 'attacker', 'recorded'] as const;

/** What the list is narrowed to; recorded is "true" or nothing. */
export type View = NamedView<(typeof names)[number]>;

export const readView = (search: string): View => readNames(search, names);
export const writeView = (v: View, open?: string): string => writeNames(v, names, open);

/** The view as the API is asked for it. */
export function filterOf({ decky, service, attacker, recorded }: View): SessionFilter {
  return {
    ...(decky && { decky }),
    ...(service && { service }),
    ...(attacker && { attacker_ip: attacker }),
    ...(recorded === 'true' && { recorded: true }),
  };
}
