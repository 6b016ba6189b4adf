import type { Rule } from '../../api/types';
import { searchOf } from '../../lib/view';
import { findingSeverities } from '../findings/filters';

export const origins = ['builtin', 'file', 'imported', 'custom'] as const;

export type RuleFilter = {
  text: string;
  severity: Rule['severity'][];
  active?: boolean;
  origin?: Rule['origin'];
  family?: string;
};

/** Reads the filter out of the address; what it does not know, it ignores. */
export function readFilter(search: string): RuleFilter {
  const q = new URLSearchParams(search);
  const active = q.get('active');
  const f: RuleFilter = {
    text: q.get('text') ?? '',
    severity: findingSeverities.filter((s) => q.getAll('severity').includes(s)),
  };
  if (active === 'true' || active === 'false') f.active = active === 'true';
  const origin = origins.find((o) => o === q.get('origin'));
  if (origin !== undefined) f.origin = origin;
  const family = q.get('family');
  if (family) f.family = family;
  return f;
}

/** Writes the filter as a query string, always in the same order. */
export function writeFilter(f: RuleFilter): string {
  const q = new URLSearchParams();
  if (f.text) q.set('text', f.text);
  for (const s of f.severity) q.append('severity', s);
  if (f.active !== undefined) q.set('active', String(f.active));
  if (f.origin) q.set('origin', f.origin);
  if (f.family) q.set('family', f.family);
  return searchOf(q);
}

/** The rules a filter leaves. Every word of the text must be somewhere in the rule. */
export function narrow(rules: Rule[], f: RuleFilter): Rule[] {
  const words = f.text.toLowerCase().split(/\s+/).filter(Boolean);
  return rules.filter(
    (r) =>
      (f.severity.length === 0 || f.severity.includes(r.severity)) &&
      (f.active === undefined || f.active === r.active) &&
      (f.origin === undefined || f.origin === r.origin) &&
      (f.family === undefined || f.family === r.family) &&
      words.every((w) => haystack(r).includes(w)),
  );
}

const haystack = (r: Rule) => [r.id, r.description, r.secret_type, r.family, ...r.tags].join('\n').toLowerCase();

export const sortings = ['name', 'severity', 'hits'] as const;
export type Sorting = (typeof sortings)[number];

/** Puts rules in order; equal ones stay by name. */
export function sorted(rules: Rule[], by: Sorting): Rule[] {
  const byName = (a: Rule, b: Rule) => (a.id < b.id ? -1 : 1);
  if (by === 'hits') return rules.toSorted((a, b) => b.hits_7d - a.hits_7d || byName(a, b));
  if (by === 'severity') return rules.toSorted((a, b) => rank(a) - rank(b) || byName(a, b));
  return rules.toSorted(byName);
}

const rank = (r: Rule) => findingSeverities.indexOf(r.severity);
