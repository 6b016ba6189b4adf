import type { Severity } from '../api/types';
import classes from './Severity.module.css';

export const severities = ['critical', 'high', 'medium', 'low'] as const;

// Shape tells the severity as well as colour does: octagon, triangle, diamond, ring.
const shapes: Record<Severity, string> = {
  critical: 'M4.2 1h5.6L13 4.2v5.6L9.8 13H4.2L1 9.8V4.2z',
  high: 'M7 1.2l6.2 11.3H.8z',
  medium: 'M7 .8L13.2 7 7 13.2.8 7z',
  low: 'M7 2a5 5 0 100 10A5 5 0 007 2zm0 2.6a2.4 2.4 0 110 4.8 2.4 2.4 0 010-4.8z',
  info: 'M2 6h10v2H2z',
};

export function SeverityMark({ severity, size = 12 }: { severity: Severity; size?: number }) {
  return (
    <svg
      className={classes.mark}
      data-severity={severity}
      width={size}
      height={size}
      viewBox="0 0 14 14"
      aria-hidden="true"
    >
      <path d={shapes[severity] ?? shapes.info} fillRule="evenodd" />
    </svg>
  );
}

export function SeverityTag({ severity }: { severity: Severity }) {
  return (
    <span className={classes.tag} data-severity={severity}>
      <SeverityMark severity={severity} size={11} />
      {severity}
    </span>
  );
}
