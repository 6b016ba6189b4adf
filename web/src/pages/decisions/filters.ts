import type { DecisionFilter } from '../../api/egress';

const verdicts = ['allow', 'deny'] as const;

/** Reads the filter out of the address; what it does not know, it ignores. */
export function readFilter(search: string): DecisionFilter {
  const q = new URLSearchParams(search);
  const f: DecisionFilter = {};
  const verdict = verdicts.find((v) => v === q.get('verdict'));
  if (verdict) f.verdict = verdict;
  for (const name of ['host', 'program', 'rule'] as const) {
    const value = q.get(name);
    if (value) f[name] = value;
  }
  return f;
}

/** Writes the filter as a query string, always in the same order. */
export function writeFilter(f: DecisionFilter, open?: string): string {
  const q = new URLSearchParams();
  for (const name of ['verdict', 'host', 'program', 'rule'] as const) {
    const value = f[name];
    if (value) q.set(name, value);
  }
  if (open !== undefined) q.set('open', open);
  const text = q.toString();
  return text === '' ? '' : `?${text}`;
}
