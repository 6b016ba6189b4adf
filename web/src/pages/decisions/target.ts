import type { EgressDecision } from '../../api/types';

/** A destination as people write it: HOST:PORT, an IPv6 address in brackets. */
export function target({ host, port }: Pick<EgressDecision, 'host' | 'port'>): string {
  if (port === 0) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
