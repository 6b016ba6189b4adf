import type { Anomaly } from '../../api/types';
import { SafeText } from '../../components/Text';

/** Whose events were counted together; of those that were too many, that they were many. */
export function Key({ anomaly: a }: { anomaly: Anomaly }) {
  if (a.key_kind === 'global') return <>many at once, by {a.key}</>;
  return <SafeText mono>{a.key}</SafeText>;
}
