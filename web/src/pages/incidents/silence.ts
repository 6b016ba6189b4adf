import type { Incident, Severity, SilenceRequest } from '../../api/types';

/** What the form of a silence holds. */
export type Draft = { about: string; days: number; max: Exclude<Severity, 'info'> };

/** How long; 90 days is the most. */
export const lengths = [
  { value: '1', label: 'A day' },
  { value: '7', label: 'A week' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
];

// The events that a secret or a rule leads to; as the command line has them.
const topics = ['leak.finding.detected', 'leak.message.*', 'egress.leak.blocked', 'credential.captured', 'incident.>'];

/** What a silence of an incident can be about; none when it has neither a secret nor a rule. */
export function aboutsOf(i: Incident): { value: string; label: string }[] {
  return [
    ...(i.fingerprint === '' ? [] : [{ value: 'secret', label: 'This secret, whoever sees it' }]),
    ...(i.rule === '' ? [] : [{ value: 'rule', label: `Whatever rule ${i.rule} finds` }]),
  ];
}

export const draftOf = (i: Incident): Draft => ({ about: aboutsOf(i)[0]?.value ?? '', days: 90, max: 'high' });

/** What the silence hides, as the API is told and asked. */
export function scopeOf(i: Incident, d: Draft): Omit<SilenceRequest, 'minutes' | 'reason'> {
  const of = d.about === 'secret' ? { fingerprints: [i.fingerprint] } : { rules: [i.rule] };
  return { topics, max_severity: d.max, ...of };
}
