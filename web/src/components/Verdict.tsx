import { Ban, CircleCheck, Eye } from 'lucide-react';
import classes from './StateTag.module.css';

/** Allowed or denied; would: what strict would have said, when that differs. */
export function Verdict({ decision, would = '' }: { decision: 'allow' | 'deny'; would?: string }) {
  if (would === 'deny') {
    return (
      <span className={classes.tag} data-tone="warn" title="Let pass because the policy only watches">
        <Eye size={14} aria-hidden="true" />
        would deny
      </span>
    );
  }
  return decision === 'allow' ? (
    <span className={classes.tag} data-tone="ok">
      <CircleCheck size={14} aria-hidden="true" />
      allowed
    </span>
  ) : (
    <span className={classes.tag} data-tone="bad">
      <Ban size={14} aria-hidden="true" />
      denied
    </span>
  );
}
