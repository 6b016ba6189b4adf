import { Ear, type LucideIcon, ShieldBan, UserRound } from 'lucide-react';
import { Link } from 'wouter';
import type { IncidentEntry } from '../../api/types';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { plural } from '../../lib/format';
import classes from './Incidents.module.css';
import { Strip } from './Strip';

// What a line is: its icon and its word.
const kinds: Record<IncidentEntry['kind'], { icon: LucideIcon; word: string }> = {
  detection: { icon: Ear, word: 'seen' },
  response: { icon: ShieldBan, word: 'stopped' },
  human: { icon: UserRound, word: 'done' },
};

/** What happened, newest first. */
export function Timeline({ entries, total }: { entries: IncidentEntry[]; total: number }) {
  const seen = entries.filter((e) => e.kind !== 'human').length;
  return (
    <>
      <Strip entries={entries} />
      <ol className={classes.timeline}>
        {entries.map((e) => (
          <Line key={e.id} entry={e} />
        ))}
      </ol>
      {total > seen && <p className={classes.note}>Not shown here: {plural(total - seen, 'observation')} more.</p>}
    </>
  );
}

function Line({ entry: e }: { entry: IncidentEntry }) {
  const { icon: Icon, word } = kinds[e.kind];
  return (
    <li data-kind={e.kind}>
      <Icon size={15} aria-label={word} />
      <span className={classes.when}>
        <Stamp at={e.at} />
        {' · '}
        <SafeText>{e.by === '' ? e.sensor : e.by}</SafeText>
        {e.event_id !== '' && (
          <>
            {' · '}
            <Link href={`/events?open=${encodeURIComponent(e.event_id)}`}>event</Link>
          </>
        )}
      </span>
      <span className={classes.words}>
        <SafeText>{e.words}</SafeText>
      </span>
    </li>
  );
}
