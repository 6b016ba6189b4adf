import { Button } from '@mantine/core';
import { revealLog, useSessionLogs } from '../../api/deception';
import { useMe } from '../../api/queries';
import type { DeckyLog, DeckySession, LogEvidence } from '../../api/types';
import { EvidenceFields } from '../../components/EvidenceFields';
import { Reveal } from '../../components/Reveal';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { count } from '../../lib/format';
import { includes } from '../../lib/roles';
import { lookOf } from './deeds';
import classes from './Sessions.module.css';

/** What a client did in a session, oldest first. The server gives the newest first, so older ones load above. */
export function Deeds({ session: s }: { session: DeckySession }) {
  const query = useSessionLogs(s.id);
  const may = includes(useMe().data?.role, 'admin');
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
          <Deed key={l.id} log={l} may={may} />
        ))}
      </ol>
      {!may && rows.some((l) => l.has_more) && (
        <p className={classes.note}>These are summaries. Administrators can see what was sent.</p>
      )}
    </>
  );
}

function Deed({ log: l, may }: { log: DeckyLog; may: boolean }) {
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
      {may && l.has_more && (
        <div className={classes.sent}>
          <Sent log={l} />
        </div>
      )}
    </li>
  );
}

function Sent({ log: l }: { log: DeckyLog }) {
  return (
    <Reveal
      compact
      title="Show what was sent"
      what={
        <p>
          What <SafeText mono>{l.attacker_ip}</SafeText> sent to <SafeText>{l.decky}</SafeText>, in full. It may hold
          secrets.
        </p>
      }
      read={(reason) => revealLog(l.id, reason)}
    >
      {(e) => <EvidenceFields fields={partsOf(e)} />}
    </Reveal>
  );
}

const partsOf = ({ fields, raw }: LogEvidence) =>
  raw === '' ? fields : [...fields, { name: 'as it came', base64: raw }];
