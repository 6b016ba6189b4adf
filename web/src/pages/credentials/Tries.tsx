import { Button } from '@mantine/core';
import { Link } from 'wouter';
import { useCredentials } from '../../api/deception';
import type { Credential } from '../../api/types';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { count, plural } from '../../lib/format';
import { CredentialMarks } from './CredentialMarks';
import classes from './Credentials.module.css';
import { filterOf, type View, writeView } from './filters';
import { wordOf } from './kinds';
import { Principal } from './Principal';

/** The credentials of one address, or those with one secret, and how often they were tried. */
export function Tries({ of }: { of: Pick<View, 'attacker'> | Pick<View, 'fingerprint'> }) {
  const query = useCredentials(filterOf(of));
  if (query.isPending) return <SkeletonRows rows={3} />;
  if (query.isError && query.data === undefined) {
    return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  }
  const rows = query.data.pages.flatMap((p) => p.items);
  if (rows.length === 0) return <p className={classes.note}>None is on record, or it was kept long enough.</p>;
  const times = rows.reduce((all, c) => all + c.attempts, 0);
  return (
    <>
      <p className={classes.note}>
        Tried {query.hasNextPage && 'at least '}
        {plural(times, 'time')}. <Link href={`/credentials${writeView(of)}`}>See them as a list</Link>
      </p>
      <ul className={classes.tries}>
        {rows.map((c) => (
          <Try key={c.id} credential={c} of={of} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button
          size="xs"
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Load more; the newest {count(rows.length)} are shown
        </Button>
      )}
      {query.isFetchNextPageError && <p className={classes.note}>They did not come: {query.error.message}</p>}
    </>
  );
}

function Try({ credential: c, of }: { credential: Credential; of: View }) {
  return (
    <li>
      <Link href={`/credentials${writeView(of, c.id)}`}>
        <Principal name={c.principal} />
      </Link>
      <Ago at={c.last_seen} />
      <span className={classes.where}>
        <SafeText>{wordOf(c.kind)}</SafeText>, {plural(c.attempts, 'time')} on <SafeText>{c.decky}</SafeText>,{' '}
        <SafeText>{c.service}</SafeText>
        {of.attacker === undefined && (
          <>
            , from <SafeText mono>{c.attacker_ip}</SafeText>
          </>
        )}
      </span>
      <CredentialMarks credential={c} />
    </li>
  );
}
