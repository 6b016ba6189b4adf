import type { EndpointFilter } from '../../api/egress';

const states = ['reviewed', 'all'] as const;

/** What the list is narrowed to; without a state it holds what waits for review. */
export type View = { state?: (typeof states)[number]; host?: string; program?: string };

/** Reads the view out of the address; what it does not know, it ignores. */
export function readView(search: string): View {
  const q = new URLSearchParams(search);
  const v: View = {};
  const state = states.find((s) => s === q.get('state'));
  if (state) v.state = state;
  for (const name of ['host', 'program'] as const) {
    const value = q.get(name);
    if (value) v[name] = value;
  }
  return v;
}

/** Writes the view as a query string, always in the same order. */
export function writeView(v: View, open?: string): string {
  const q = new URLSearchParams();
  for (const name of ['state', 'host', 'program'] as const) {
    const value = v[name];
    if (value) q.set(name, value);
  }
  if (open !== undefined) q.set('open', open);
  const text = q.toString();
  return text === '' ? '' : `?${text}`;
}

/** The view as the API is asked for it. */
export function filterOf({ state, host, program }: View): EndpointFilter {
  return { ...(state !== 'all' && { state: state ?? 'new' }), ...(host && { host }), ...(program && { program }) };
}
