import { Ear, type LucideIcon, ShieldBan, UserRound } from 'lucide-react';
import { Link } from 'wouter';
import type { IncidentEntry, IncidentOmitted } from '../../api/types';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { count } from '../../lib/format';
import classes from './Incidents.module.css';
import { goneWords, omittedWords } from './omitted';
import { Strip } from './Strip';

// What a line is: its icon and its word.
const kinds: Record<IncidentEntry['kind'], { icon: LucideIcon; word: string }> = {
  detection: { icon: Ear, word: 'seen' },
  response: { icon: ShieldBan, word: 'stopped' },
  human: { icon: UserRound, word: 'done' },
};

type Props = {
  /** The incident; lines of its parts say that they are. */
  of: string;
  entries: IncidentEntry[];
  omitted: IncidentOmitted[];
  /** Begins to split a part off. */
  onSplit?: (part: string) => void;
};

/** What happened, newest first, and how much of what is not among it. */
export function Timeline({ of, entries, omitted, onSplit }: Props) {
  return (
    <>
      <Strip entries={entries} />
      <ol className={classes.timeline}>
        {entries.map((e) => (
          <Line key={e.id} entry={e} part={e.incident_id !== of} onSplit={onSplit} />
        ))}
      </ol>
      {omitted.map((o) => (
        <p key={`${o.sensor} ${o.kind}`} className={classes.note}>
          {count(o.times)} more {omittedWords(o)}, at most {o.severity}, between <Stamp at={o.from} /> and{' '}
          <Stamp at={o.until} />
          {goneWords(o)}
        </p>
      ))}
    </>
  );
}

type LineProps = Pick<Props, 'onSplit'> & { entry: IncidentEntry; part: boolean };

function Line({ entry: e, part, onSplit }: LineProps) {
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
        {part && ' · of a part'}
        {part && onSplit !== undefined && (
          <>
            {' · '}
            <button type="button" className={classes.split} onClick={() => onSplit(e.incident_id)}>
              Split off…
            </button>
          </>
        )}
      </span>
      <span className={classes.words}>
        <SafeText>{e.words}</SafeText>
      </span>
    </li>
  );
}
