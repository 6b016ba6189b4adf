import { Button } from '@mantine/core';
import { useState } from 'react';
import { artifactData, useArtifacts } from '../../api/deception';
import { useMe } from '../../api/queries';
import type { Artifact } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { download } from '../../lib/download';
import { bytes, middle } from '../../lib/format';
import { includes } from '../../lib/roles';
import classes from './Sessions.module.css';

/** Files that a client left: in one session, or from one address. */
export function Files({ of }: { of: { session?: string; attacker_ip?: string } }) {
  const query = useArtifacts(of);
  const [wanted, setWanted] = useState<Artifact>();
  const may = includes(useMe().data?.role, 'admin');
  if (query.isPending) return <SkeletonRows rows={3} />;
  if (query.isError && query.data === undefined) {
    return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  }
  const rows = query.data.pages.flatMap((p) => p.items);
  if (rows.length === 0) return <p className={classes.note}>None.</p>;
  return (
    <>
      <ul className={classes.files}>
        {rows.map((a) => (
          <File key={a.id} artifact={a} onWant={may && a.kept > 0 ? () => setWanted(a) : undefined} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button size="xs" variant="default" onClick={() => void query.fetchNextPage()}>
          Load more
        </Button>
      )}
      {!may && <p className={classes.note}>Only administrators can download them.</p>}
      {wanted !== undefined && <Save artifact={wanted} onClose={() => setWanted(undefined)} />}
    </>
  );
}

function File({ artifact: a, onWant }: { artifact: Artifact; onWant?: () => void }) {
  return (
    <li>
      <span className={classes.words}>
        <SafeText mono>{a.path === '' ? '(no name)' : a.path}</SafeText>
      </span>
      <span className={classes.when}>
        <SafeText>{a.kind}</SafeText>, <SafeText>{a.media_type}</SafeText>, {sizeOf(a)}
        {a.kept > 0 && (
          <>
            , SHA-256 <code title={a.sha256}>{middle(a.sha256, 10, 6)}</code>
          </>
        )}
      </span>
      {onWant !== undefined && (
        <Button size="compact-xs" variant="default" onClick={onWant}>
          Download…
        </Button>
      )}
    </li>
  );
}

function sizeOf({ size, kept }: Artifact): string {
  if (kept === 0) return `${bytes(size)}, content not kept`;
  return kept < size ? `${bytes(size)}, the first ${bytes(kept)} kept` : bytes(size);
}

function Save({ artifact: a, onClose }: { artifact: Artifact; onClose: () => void }) {
  const run = async (reason: string) =>
    download(`${a.sha256}.bin`, [await artifactData(a, reason)], 'application/octet-stream');
  return (
    <ReasonDialog title="Download what an attacker left" verb="Download" danger most={500} run={run} onClose={onClose}>
      <p className={classes.note}>
        <SafeText mono>{a.path}</SafeText>
      </p>
      <p className={classes.note}>
        It may be malware. Open it only where it can do no harm, never on this machine. It is saved under its SHA-256.
      </p>
    </ReasonDialog>
  );
}
