import type { CredentialFilter } from '../../api/deception';
import { type NamedView, readNames, writeNames } from '../../lib/view';

const names = ['attacker', 'decky', 'service', 'kind', 'fingerprint'] as const;

/** What the list is narrowed to. */
export type View = NamedView<(typeof names)[number]>;

export const readView = (search: string): View => readNames(search, names);
export const writeView = (v: View, open?: string): string => writeNames(v, names, open);

/** The view as the API is asked for it. */
export const filterOf = ({ attacker, ...rest }: View): CredentialFilter => ({
  ...rest,
  ...(attacker && { attacker_ip: attacker }),
});
