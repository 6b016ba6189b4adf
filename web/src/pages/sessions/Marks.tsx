import { Circle, FileDown, LogIn, Video } from 'lucide-react';
import type { DeckySession } from '../../api/types';
import { Mark, MarkRow } from '../../components/Mark';

/** What stands out of a session, each by an icon and a word. */
export function Marks({ session: s }: { session: DeckySession }) {
  return (
    <MarkRow>
      {s.ended_at === null && <Mark icon={Circle} text="here now" tone="bad" />}
      {s.logged_in && <Mark icon={LogIn} text="let in" tone="warn" />}
      {s.transcript > 0 && <Mark icon={Video} text="recorded" />}
      {s.artifacts > 0 && <Mark icon={FileDown} text="left files" tone="warn" />}
    </MarkRow>
  );
}
