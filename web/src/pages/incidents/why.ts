import type { Incident } from '../../api/types';

type Joined = Pick<Incident, 'join' | 'sensors'>;

/** Why what the sensors saw belongs together, and what to do first; null when one alone saw it. */
export function why({ join, sensors }: Joined): string | null {
  if (join === '') return null;
  if (join !== 'leaked_secret_in_use') return 'What was seen belongs together. The timeline says who saw what.';
  const used = [
    sensors.includes('egress') && 'a program sent it somewhere, or wanted to',
    sensors.includes('deception') && 'somebody tried it on a decky, where nobody has a reason to log in',
  ].filter((way) => way !== false);
  return `This secret was found where it does not belong, and ${used.join('; and ')}. Whoever saw it there may be using it. Revoke it first, then find out who.`;
}

/** Whether its address is an attacker's: only a decky gave it. */
export const isAttackers = ({ sensors }: Pick<Incident, 'sensors'>): boolean =>
  sensors.includes('deception') && !sensors.includes('egress');
