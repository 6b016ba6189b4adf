import type { Incident } from '../../api/types';

/** Whether its address is an attacker's: only a decky gave it. */
export const isAttackers = ({ sensors }: Pick<Incident, 'sensors'>): boolean =>
  sensors.includes('deception') && !sensors.includes('egress');
