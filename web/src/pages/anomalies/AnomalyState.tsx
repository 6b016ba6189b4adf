import { CircleAlert, CircleCheck } from 'lucide-react';
import type { Anomaly } from '../../api/types';
import { Mark } from '../../components/Mark';

/** Whether it goes on. */
export function AnomalyState({ anomaly: a }: { anomaly: Anomaly }) {
  return a.closed_at === null ? (
    <Mark icon={CircleAlert} text="goes on" tone="bad" />
  ) : (
    <Mark icon={CircleCheck} text="over" />
  );
}
