import type { EndpointFilter } from '../../api/egress';
import { readNames, writeNames } from '../../lib/view';

const states = ['reviewed', 'all'] as const;

/** What the list is narrowed to; without a state it holds what waits for review. */
export type View = { state?: (typeof states)[number]; host?: string; program?: string };

/** Reads the view out of the address; what it does not know, it ignores. */
export function readView(search: string): View {
  const state = states.find((s) => s === new URLSearchParams(search).get('state'));
  return { ...(state && { state }), ...readNames(search, ['host', 'program']) };
}

/** Writes the view as a query string, always in the same order. */
export const writeView = (v: View, open?: string): string => writeNames(v, ['state', 'host', 'program'], open);

/** The view as the API is asked for it. */
export function filterOf({ state, host, program }: View): EndpointFilter {
  return { ...(state !== 'all' && { state: state ?? 'new' }), ...(host && { host }), ...(program && { program }) };
}
