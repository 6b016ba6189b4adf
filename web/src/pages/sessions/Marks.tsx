import { Circle, FileDown, LogIn, type LucideIcon, Video } from 'lucide-react';
import type { DeckySession } from '../../api/types';
import classes from './Sessions.module.css';

/** What stands out of a session, each by an icon and a word. */
export function Marks({ session: s }: { session: DeckySession }) {
  return (
    <span className={classes.marks}>
      {s.ended_at === null && <Mark icon={Circle} text="here now" tone="bad" />}
      {s.logged_in && <Mark icon={LogIn} text="let in" tone="warn" />}
      {s.transcript > 0 && <Mark icon={Video} text="recorded" />}
      {s.artifacts > 0 && <Mark icon={FileDown} text="left files" tone="warn" />}
    </span>
  );
}

function Mark({ icon: Icon, text, tone }: { icon: LucideIcon; text: string; tone?: 'bad' | 'warn' }) {
  return (
    <span className={classes.mark} data-tone={tone}>
      <Icon size={13} aria-hidden="true" />
      {text}
    </span>
  );
}
