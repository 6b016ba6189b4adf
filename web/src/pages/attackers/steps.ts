import type { Hop, WayMutation } from '../../api/types';

/** Stops, with the mutations of their deckies between them. */
export function steps(hops: Hop[], mutations: WayMutation[]): (Hop | WayMutation)[] {
  const at = (s: Hop | WayMutation) => Date.parse('entered_at' in s ? s.entered_at : s.at);
  return [...hops, ...mutations].sort((a, b) => at(a) - at(b));
}
