import type { AnomalyFilter } from '../../api/anomalies';
import type { AnomalyKeyKind, AnomalyKind } from '../../api/types';
import { severities } from '../../components/Severity';
import { searchOf } from '../../lib/view';
import { isKind, keyKinds } from './kinds';

export const states = ['on', 'over'] as const;

/** What the list is narrowed to. */
export type View = {
  state?: (typeof states)[number];
  kind?: AnomalyKind;
  by?: AnomalyKeyKind;
  key?: string;
  severity?: (typeof severities)[number][];
};

/** Reads the view out of the address; what it does not know, it ignores. */
export function readView(search: string): View {
  const q = new URLSearchParams(search);
  const state = states.find((s) => s === q.get('state'));
  const kind = q.get('kind');
  const by = keyKinds.find((k) => k === q.get('by'));
  const key = q.get('key');
  const severity = severities.filter((s) => q.getAll('severity').includes(s));
  return {
    ...(state && { state }),
    ...(isKind(kind) && { kind }),
    ...(by && { by }),
    ...(key && { key }),
    ...(severity.length > 0 && { severity }),
  };
}

/** Writes the view as a query string, always in the same order. */
export function writeView(v: View, open?: string): string {
  const q = new URLSearchParams();
  for (const name of ['state', 'kind', 'by', 'key'] as const) {
    const value = v[name];
    if (value) q.set(name, value);
  }
  for (const s of v.severity ?? []) q.append('severity', s);
  return searchOf(q, open);
}

/** The view as the API is asked for it. */
export const filterOf = ({ state, kind, by, key, severity }: View): AnomalyFilter => ({
  ...(state && { open: state === 'on' }),
  ...(kind && { kind: [kind] }),
  ...(by && { key_kind: by }),
  ...(key && { key }),
  ...(severity && { severity }),
});
