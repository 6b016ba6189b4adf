import type { IncidentOmitted } from '../../api/types';
import { count } from '../../lib/format';

const kinds = { detection: 'seen', response: 'stopped', human: 'done by people' };

/** Of what lines that are not shown are: "seen by egress". */
export function omittedWords({ kind, sensor }: Pick<IncidentOmitted, 'kind' | 'sensor'>): string {
  if (sensor !== '') return `${kinds[kind]} by ${sensor}`;
  return kind === 'response' ? 'done by Cordon' : kinds[kind];
}

/** What of it is in no list any more. */
export function goneWords({ times, kept }: Pick<IncidentOmitted, 'times' | 'kept'>): string {
  return times > kept ? `; ${count(times - kept)} of them were only counted` : '';
}
