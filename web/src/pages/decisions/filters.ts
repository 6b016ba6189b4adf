import type { DecisionFilter } from '../../api/egress';
import { readNames, writeNames } from '../../lib/view';

const verdicts = ['allow', 'deny'] as const;

/** Reads the filter out of the address; what it does not know, it ignores. */
export function readFilter(search: string): DecisionFilter {
  const verdict = verdicts.find((v) => v === new URLSearchParams(search).get('verdict'));
  return { ...(verdict && { verdict }), ...readNames(search, ['host', 'program', 'rule']) };
}

/** Writes the filter as a query string, always in the same order. */
export const writeFilter = (f: DecisionFilter, open?: string): string =>
  writeNames(f, ['verdict', 'host', 'program', 'rule'], open);
