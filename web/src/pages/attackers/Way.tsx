import { Link } from 'wouter';
import { useWay } from '../../api/deception';
import type { Hop, WayMutation } from '../../api/types';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { plural } from '../../lib/format';
import classes from './Attackers.module.css';
import { steps } from './steps';

const shownAtMost = 100;

/** From decky to decky, drawn as a line with a stop for each. */
export function Way({ id }: { id: string }) {
  const query = useWay(id);
  if (query.isPending) return <SkeletonRows rows={4} />;
  if (query.isError) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  const { hops, mutations } = query.data;
  if (hops.length === 0) return <p className={classes.note}>Nothing is on record, or it was kept long enough.</p>;
  return (
    <>
      <ol className={classes.way}>
        {steps(hops.slice(0, shownAtMost), mutations).map((s) =>
          'entered_at' in s ? (
            <Stop key={s.entered_at + s.decky} hop={s} />
          ) : (
            <Changed key={`m${s.at}${s.decky}`} mutation={s} />
          ),
        )}
      </ol>
      {hops.length > shownAtMost && (
        <p className={classes.note}>{plural(hops.length - shownAtMost, 'more stay')} on deckies followed.</p>
      )}
    </>
  );
}

function Changed({ mutation: m }: { mutation: WayMutation }) {
  const same = m.old_services.join() === m.new_services.join();
  return (
    <li data-mutation>
      <span className={classes.note}>
        <Stamp at={m.at} /> <SafeText>{m.decky}</SafeText> became another host
        {!same && (
          <>
            , with <SafeText>{m.new_services.join(', ')}</SafeText>
          </>
        )}
      </span>
    </li>
  );
}

function Stop({ hop: h }: { hop: Hop }) {
  const first = h.sessions[0];
  return (
    <li data-here={h.left_at === null || undefined}>
      <span className={classes.decky}>
        <SafeText>{h.decky}</SafeText>{' '}
        <span className={classes.note}>{<SafeText>{h.services.join(', ')}</SafeText>}</span>
      </span>
      <span className={classes.note}>
        <Stamp at={h.entered_at} />{' '}
        {h.left_at === null ? 'and is here now' : <Stay from={h.entered_at} to={h.left_at} />}
        {first !== undefined && (
          <>
            {' · '}
            <Link href={`/sessions?open=${encodeURIComponent(first)}`}>{plural(h.sessions.length, 'session')}</Link>
          </>
        )}
      </span>
    </li>
  );
}

function Stay({ from, to }: { from: string; to: string }) {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  return <>for {seconds < 60 ? `${seconds} s` : plural(Math.round(seconds / 60), 'minute')}</>;
}
