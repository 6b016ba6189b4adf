import type { Incident } from '../../api/types';

type Joined = Pick<Incident, 'join' | 'sensors'>;

/** Why what the sensors saw belongs together, and what to do first; null when one alone saw it. */
export function why({ join, sensors }: Joined): string | null {
  switch (join) {
    case '':
      return null;
    case 'leaked_secret_in_use':
      return `This secret was found where it does not belong, and ${uses(sensors)}. Whoever saw it there may be using it. Revoke it first, then find out who.`;
    case 'planted_secret_seen':
      return 'This secret exists only on a decky: whoever has it was there. Find out how it came to where it was seen.';
    case 'attacker_used_api_key':
      return 'An address that touched a decky also used one of your API keys. Revoke the key first, then look at what it was used for.';
    case 'attackers_host_wanted':
      return 'A program here wants to reach a machine that an attacker named on a decky. Look at that program first: it may be theirs.';
    case 'anomalous_attacker':
      return 'An address that is conspicuous in your own logs also touched a decky, where nobody has a reason to be.';
    default:
      return 'What was seen belongs together. The timeline says who saw what.';
  }
}

const uses = (sensors: Joined['sensors']) =>
  [
    sensors.includes('egress') && 'a program sent it somewhere, or wanted to',
    sensors.includes('deception') && 'somebody tried it on a decky, where nobody has a reason to log in',
  ]
    .filter((way) => way !== false)
    .join('; and ');

/** Whether its address is an attacker's: only a decky gave it. */
export const isAttackers = ({ sensors }: Pick<Incident, 'sensors'>): boolean =>
  sensors.includes('deception') && !sensors.includes('egress');
