import type { Anomaly } from '../../api/types';
import { SafeText } from '../../components/Text';
import { manyOf } from './kinds';

/** Whose events were counted together; of those that were too many, that they were many. */
export function Key({ anomaly: a }: { anomaly: Anomaly }) {
  if (a.key_kind === 'global') return <>{manyOf(a.key)}</>;
  return <SafeText mono>{a.key}</SafeText>;
}
