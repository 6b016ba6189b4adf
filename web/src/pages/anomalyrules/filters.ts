import type { AnomalyRule } from '../../api/types';
import { severities } from '../../components/Severity';
import { searchOf } from '../../lib/view';

export type RuleState = 'on' | 'off' | 'problem';
export const ruleStates = ['on', 'off', 'problem'] as const;
export const origins = ['file', 'custom'] as const;

export type RuleFilter = {
  text: string;
  severity: (typeof severities)[number][];
  state?: RuleState;
  origin?: AnomalyRule['origin'];
};

export const noFilter: RuleFilter = { text: '', severity: [] };

/** How a rule fares, in a word. */
export const stateOf = (r: Pick<AnomalyRule, 'enabled' | 'problem'>): RuleState =>
  r.enabled ? (r.problem === '' ? 'on' : 'problem') : 'off';

/** Where a rule is from, in a few words. */
export const fromOf = (r: Pick<AnomalyRule, 'from'>): string =>
  r.from === '' ? 'made here' : (r.from.split('/').at(-1) ?? r.from);

type Named = Pick<AnomalyRule, 'id' | 'origin'>;

const ofFile = 'file~'; // no id holds a tilde, and no address needs it escaped

/** What the address calls a rule: its id, also of one of a file unless an operator's has the same. */
export const addressOf = (r: Named, all: Named[]): string =>
  r.origin === 'file' && all.some((o) => o.id === r.id && o.origin === 'custom') ? ofFile + r.id : r.id;

/** The rule that an address means. */
export const ruleAt = (address: string): { id: string; origin?: 'file' } =>
  address.startsWith(ofFile) ? { id: address.slice(ofFile.length), origin: 'file' } : { id: address };

/** Reads the filter out of the address; what it does not know, it ignores. */
export function readFilter(search: string): RuleFilter {
  const q = new URLSearchParams(search);
  const state = ruleStates.find((s) => s === q.get('state'));
  const origin = origins.find((o) => o === q.get('origin'));
  return {
    text: q.get('text') ?? '',
    severity: severities.filter((s) => q.getAll('severity').includes(s)),
    ...(state && { state }),
    ...(origin && { origin }),
  };
}

/** Writes the filter as a query string, always in the same order. */
export function writeFilter(f: RuleFilter): string {
  const q = new URLSearchParams();
  if (f.text) q.set('text', f.text);
  for (const s of f.severity) q.append('severity', s);
  if (f.state) q.set('state', f.state);
  if (f.origin) q.set('origin', f.origin);
  return searchOf(q);
}

/** The rules a filter leaves. Every word of the text must be somewhere in the rule. */
export function narrow(rules: AnomalyRule[], f: RuleFilter): AnomalyRule[] {
  const words = f.text.toLowerCase().split(/\s+/).filter(Boolean);
  return rules.filter(
    (r) =>
      (f.severity.length === 0 || f.severity.some((s) => s === r.severity)) &&
      (f.state === undefined || f.state === stateOf(r)) &&
      (f.origin === undefined || f.origin === r.origin) &&
      words.every((w) => haystack(r).includes(w)),
  );
}

const haystack = (r: AnomalyRule) =>
  [r.id, r.description, r.words, r.from, ...r.on, ...r.steps.map((s) => s.when)].join('\n').toLowerCase();
