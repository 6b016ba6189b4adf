import { Button } from '@mantine/core';
import { useSessionLogs } from '../../api/deception';
import type { DeckyLog, DeckySession } from '../../api/types';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { count } from '../../lib/format';
import { lookOf } from './deeds';
import classes from './Sessions.module.css';

/** What a client did in a session, oldest first. The server gives the newest first, so older ones load above. */
export function Deeds({ session: s }: { session: DeckySession }) {
  const query = useSessionLogs(s.id);
  if (query.isPending) return <SkeletonRows rows={5} />;
  if (query.isError && query.data === undefined) {
    return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  }
  const rows = query.data.pages.flatMap((p) => p.items).reverse();
  if (rows.length === 0) return <p className={classes.note}>Nothing is on record, or it was kept long enough.</p>;
  return (
    <>
      {query.hasNextPage && (
        <Button
          size="xs"
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Load older ones; the newest {count(rows.length)} are shown
        </Button>
      )}
      {query.isFetchNextPageError && <p className={classes.note}>They did not come: {query.error.message}</p>}
      <ol className={classes.deeds}>
        {rows.map((l) => (
          <Deed key={l.id} log={l} />
        ))}
      </ol>
    </>
  );
}

function Deed({ log: l }: { log: DeckyLog }) {
  const { icon: Icon, word } = lookOf(l.event_type);
  return (
    <li>
      <Icon size={15} aria-hidden="true" />
      <span className={classes.when}>
        <Stamp at={l.timestamp} /> · <SafeText>{word}</SafeText>
      </span>
      <span className={classes.words}>
        <SafeText mono>{l.summary}</SafeText>
      </span>
    </li>
  );
}
