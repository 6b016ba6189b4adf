import type { EgressEndpoint, EndpointVerdict } from '../../api/types';

type Choice = { verdict: EndpointVerdict; label: string; what: string };

/** The verdicts that let something out, from the narrowest. */
export function allows({ program }: Pick<EgressEndpoint, 'program'>): Choice[] {
  const once = (who: string): Choice => ({ verdict: 'allow_once', label: 'Once', what: `${who}, for an hour` });
  const always: Choice = { verdict: 'allow_always', label: 'Every program', what: 'for good' };
  // A rule for a program that is not known would be one for every program.
  if (program === '') return [once('every program, since this one is not known'), always];
  return [
    once('this program'),
    { verdict: 'allow_host', label: 'This program', what: 'for good, and no other program' },
    always,
  ];
}

/** Those that do not. */
export const denies: Choice[] = [
  { verdict: 'deny', label: 'Leave it refused', what: 'the policy answers as before' },
  { verdict: 'denylist', label: 'Denylist', what: 'nobody may reach it, whatever other rules say' },
];

/** A verdict that was given, in words. */
export const verdictWords: Record<EndpointVerdict, string> = {
  allow_once: 'Allowed for an hour',
  allow_host: 'Allowed for this program',
  allow_always: 'Allowed for every program',
  deny: 'Left as it was',
  denylist: 'Denylisted',
};

export const programOf = (e: Pick<EgressEndpoint, 'program'>) => (e.program === '' ? 'not known' : e.program);
