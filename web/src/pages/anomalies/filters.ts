import type { AnomalyFilter } from '../../api/anomalies';
import type { AnomalyKeyKind, AnomalyKind, Severity } from '../../api/types';
import { severities } from '../../components/Severity';
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
  if (open !== undefined) q.set('open', open);
  const text = q.toString();
  return text === '' ? '' : `?${text}`;
}

/** The view as the API is asked for it. */
export const filterOf = ({ state, kind, by, key, severity }: View): AnomalyFilter => ({
  ...(state && { open: state === 'on' }),
  ...(kind && { kind: [kind] }),
  ...(by && { key_kind: by }),
  ...(key && { key }),
  ...(severity && { severity }),
});

export function toggleSeverity(v: View, s: Severity): View {
  const { severity = [], ...rest } = v;
  const next = severities.filter((x) => (x === s ? !severity.includes(x) : severity.includes(x)));
  return next.length === 0 ? rest : { ...rest, severity: next };
}
