import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './Mark.module.css';

/** What stands out of a row, one beside the other. */
export const MarkRow = ({ children }: { children: ReactNode }) => <span className={classes.marks}>{children}</span>;

/** One thing that stands out, by an icon and a word; the colour only repeats them. */
export function Mark({ icon: Icon, text, tone }: { icon: LucideIcon; text: string; tone?: 'bad' | 'warn' }) {
  return (
    <span className={classes.mark} data-tone={tone}>
      <Icon size={13} aria-hidden="true" />
      {text}
    </span>
  );
}
