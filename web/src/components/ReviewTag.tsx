import { Circle, CircleHelp, ShieldAlert, ShieldOff } from 'lucide-react';
import type { Quarantine, ReviewAction } from '../api/types';
import classes from './StateTag.module.css';

const looks = {
  confirmed: { icon: ShieldAlert, text: 'leak', tone: 'bad' },
  false_positive: { icon: ShieldOff, text: 'false positive', tone: 'quiet' },
  uncertain: { icon: CircleHelp, text: 'uncertain', tone: 'warn' },
} as const;

/** The words for a review, the same in buttons, tags and messages. */
export const reviewWords: Record<ReviewAction, string> = {
  confirmed: 'Confirmed as a leak',
  false_positive: 'Rejected as a false positive',
  uncertain: 'Marked as uncertain',
};

export function ReviewTag({ entry }: { entry: Quarantine }) {
  const look = entry.review_action === null ? undefined : looks[entry.review_action];
  const Icon = look?.icon ?? Circle;
  return (
    <span className={classes.tag} data-tone={look?.tone ?? 'quiet'}>
      <Icon size={14} aria-hidden="true" />
      {look?.text ?? 'to review'}
    </span>
  );
}
