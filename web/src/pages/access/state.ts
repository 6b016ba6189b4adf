import type { ApiKey } from '../../api/types';

/** Whether a key still opens anything. */
export function stateOf(k: ApiKey, now: number): 'in force' | 'expired' | 'revoked' {
  if (k.revoked_at !== null) return 'revoked';
  return k.expires_at !== null && Date.parse(k.expires_at) <= now ? 'expired' : 'in force';
}

/** Keys that were revoked come last; names can be given again, so a name may stand there twice. */
export function inForceFirst(keys: ApiKey[]): ApiKey[] {
  const late = (k: ApiKey) => (k.revoked_at === null ? 0 : 1);
  return keys.toSorted((a, b) => late(a) - late(b));
}
