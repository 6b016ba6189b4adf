import { Button } from '@mantine/core';
import { Play, SquareTerminal } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { Link, useParams } from 'wouter';
import { useDeckySession, useRecord } from '../../api/deception';
import type { DeckySession } from '../../api/types';
import { AdminOnly } from '../../components/AdminOnly';
import { Snippet } from '../../components/Copy';
import { DeceptionError } from '../../components/DeceptionOff';
import { Page } from '../../components/Page';
import { Notice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { bytes } from '../../lib/format';
import { Player } from './Player';
import classes from './Replay.module.css';
import { recordBound } from './record';

/** A recorded terminal of a session. Nothing of it is read before somebody says so. */
export function ReplayPage() {
  const { id = '' } = useParams<{ id: string }>();
  return (
    <Page title="Replay" lead={<Link href={`/sessions?open=${encodeURIComponent(id)}`}>Back to the session</Link>}>
      <AdminOnly what="what was recorded">
        <Session key={id} id={id} />
      </AdminOnly>
    </Page>
  );
}

function Session({ id }: { id: string }) {
  const query = useDeckySession(id);
  const [asked, setAsked] = useState(false);
  if (query.isPending) return <SkeletonRows rows={8} />;
  if (query.isError) return <DeceptionError error={query.error} onRetry={() => void query.refetch()} />;
  const s = query.data;
  if (s.transcript === 0) {
    return (
      <Notice icon={<SquareTerminal size={26} />} title="No terminal was recorded">
        <p>The list of sessions says what this client did.</p>
      </Notice>
    );
  }
  return asked ? <Recorded session={s} /> : <Ask session={s} onOpen={() => setAsked(true)} />;
}

function Ask({ session: s, onOpen }: { session: DeckySession; onOpen: () => void }) {
  return (
    <Notice
      icon={<SquareTerminal size={26} />}
      title="Evidence"
      action={
        <Button leftSection={<Play size={14} />} onClick={onOpen}>
          Open the record
        </Button>
      }
    >
      <p>
        The terminal of <SafeText mono>{s.attacker_ip}</SafeText> on <SafeText>{s.decky}</SafeText>,{' '}
        <Stamp at={s.started_at} />, {bytes(s.transcript)}. It shows what was typed, which may be a secret. The audit
        log will say that you looked.
      </p>
    </Notice>
  );
}

function Recorded({ session: s }: { session: DeckySession }) {
  const query = useRecord(s.decky, s.id, true);
  const lines = useMemo(() => query.data?.pages.flatMap((p) => p.lines) ?? [], [query.data]);
  const last = query.data?.pages.at(-1);
  const full = (last?.next ?? 0) >= recordBound;
  const { hasNextPage, isFetching, isError, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError && !full) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, full, fetchNextPage]);
  if (last === undefined) {
    if (isError) return <DeceptionError error={query.error} onRetry={() => void query.refetch()} />;
    return <SkeletonRows rows={12} />;
  }
  return (
    <>
      <Player session={s} lines={lines} />
      {hasNextPage && (
        <div className={classes.rest} role="status">
          <p>
            {bytes(last.next)} of {bytes(last.total)} are loaded.
            {isError && ` The next part did not come: ${query.error.message}`}
          </p>
          {isError && (
            <Button size="xs" variant="default" onClick={() => void fetchNextPage()}>
              Try again
            </Button>
          )}
          {full && <Snippet label="CLI">{`cordon session replay ${s.id}`}</Snippet>}
        </div>
      )}
    </>
  );
}
