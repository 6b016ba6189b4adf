import type { EgressEndpoint, EndpointVerdict } from '../../api/types';

/** The verdicts that let something out, from the narrowest. */
export const allows: { verdict: EndpointVerdict; label: string; what: string }[] = [
  { verdict: 'allow_once', label: 'Once', what: 'this program, for an hour' },
  { verdict: 'allow_host', label: 'This program', what: 'for good, and no other program' },
  { verdict: 'allow_always', label: 'Every program', what: 'for good' },
];

/** Those that do not. */
export const denies: { verdict: EndpointVerdict; label: string; what: string }[] = [
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
