import type { LoadedRule } from '../../api/rules';
import type { Rule, RuleDraft, RuleRequest, RuleUpdate } from '../../api/types';

/** What the forms of a rule hold. */
export type Draft = {
  id: string;
  description: string;
  regex: string;
  severity: Rule['severity'];
  confidence: number | ''; // percent
  keywords: string[];
  entropy: number | '';
  secret_type: string;
  tags: string[];
  recommendation: string;
  positives: string; // one a line
  negatives: string;
  reason: string;
};

/** The fields as the API names them in its errors. */
export const fields = [
  'id',
  'description',
  'regex',
  'severity',
  'confidence',
  'keywords',
  'entropy',
  'secret_type',
  'tags',
  'recommendation',
  'positives',
  'negatives',
  'reason',
] as const satisfies (keyof Draft)[];

export const blank: Draft = {
  id: '',
  description: '',
  regex: '',
  severity: 'high',
  confidence: 80,
  keywords: [],
  entropy: 0,
  secret_type: '',
  tags: [],
  recommendation: '',
  positives: '',
  negatives: '',
  reason: '',
};

export const draftFrom = (r: LoadedRule): Draft => ({
  ...blank,
  id: r.id,
  description: r.description,
  regex: r.regex,
  severity: r.severity,
  confidence: Math.round(r.confidence * 100),
  keywords: r.keywords,
  entropy: r.entropy,
  secret_type: r.secret_type,
  tags: r.tags,
  recommendation: r.recommendation,
});

const given = (text: string) => text.trim() || undefined;
const lines = (text: string) => text.split('\n').filter((l) => l.trim() !== '');

/** The draft as it is tried, with the parts of the stored rule that no form shows. */
export function tried(d: Draft, stored?: LoadedRule): RuleDraft {
  const sameRegex = stored?.regex === d.regex;
  // A new regex of a rule that isn't ours gets new keywords.
  const keep = stored === undefined || sameRegex || isOwn(stored);
  return {
    regex: d.regex,
    severity: d.severity,
    confidence: Number(d.confidence) / 100,
    entropy: Number(d.entropy),
    ...(keep && d.keywords.length > 0 && { keywords: d.keywords }),
    ...(given(d.secret_type) && { secret_type: d.secret_type.trim() }),
    ...(stored && { allowlist: stored.allowlist }),
    ...(stored && sameRegex && { secret_group: stored.secret_group }),
  };
}

/** The draft as a new rule. */
export const made = (d: Draft): RuleRequest => ({
  ...tried(d),
  id: d.id.trim(),
  description: d.description.trim(),
  tags: d.tags,
  recommendation: given(d.recommendation),
  positives: lines(d.positives),
  negatives: lines(d.negatives),
  reason: given(d.reason),
});

const always = ['severity', 'regex'] as const;
const own = ['description', 'secret_type', 'recommendation', 'entropy'] as const;
const lists = ['keywords', 'tags'] as const;

/** Whether operators own the whole rule, or only its regex, severity, confidence and state. */
export const isOwn = (r: Pick<Rule, 'origin'>) => r.origin === 'custom' || r.origin === 'imported';

/** What of the draft differs from the stored rule: only that is sent, so that the history tells no more. */
export function difference(r: LoadedRule, d: Draft): RuleUpdate {
  const before = draftFrom(r);
  const change: Record<string, unknown> = {};
  for (const f of isOwn(r) ? [...always, ...own] : always) if (d[f] !== before[f]) change[f] = d[f];
  if (d.confidence !== before.confidence) change.confidence = Number(d.confidence) / 100;
  if (isOwn(r)) {
    for (const f of lists) if (d[f].join('\n') !== before[f].join('\n')) change[f] = d[f];
    // The server drops the keywords of a regex that changes, unless they are stated again.
    if ('regex' in change && d.keywords.length > 0) change.keywords = d.keywords;
  }
  return change;
}
