import type { EgressDestination } from '../../api/types';

export type Order = 'recent' | 'denied' | 'sent' | 'new';

export const orders: { id: Order; name: string }[] = [
  { id: 'recent', name: 'Last asked for' },
  { id: 'new', name: 'Newest' },
  { id: 'denied', name: 'Most denied' },
  { id: 'sent', name: 'Most sent' },
];

const by: Record<Order, (a: EgressDestination, b: EgressDestination) => number> = {
  recent: (a, b) => b.last_seen.localeCompare(a.last_seen),
  new: (a, b) => b.first_seen.localeCompare(a.first_seen),
  denied: (a, b) => b.denied - a.denied,
  sent: (a, b) => b.bytes_out - a.bytes_out,
};

/** Sorts destinations; those that are alike by name. */
export function ordered(all: EgressDestination[], order: Order): EgressDestination[] {
  return [...all].sort((a, b) => by[order](a, b) || a.host.localeCompare(b.host));
}
