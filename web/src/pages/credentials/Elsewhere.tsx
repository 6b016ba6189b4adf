import { Link } from 'wouter';
import { useReuses } from '../../api/deception';
import type { Credential } from '../../api/types';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { plural } from '../../lib/format';
import classes from './Credentials.module.css';
import { writeView } from './filters';
import { comparable } from './kinds';

/** Where else the secret was tried. */
export function Elsewhere({ credential: c }: { credential: Credential }) {
  if (!comparable(c.kind)) {
    return <p className={classes.note}>It answers a challenge: the same password would look different elsewhere.</p>;
  }
  return (
    <>
      {c.kind === 'plaintext' && <Reused fingerprint={c.fingerprint} />}
      <Link href={`/credentials${writeView({ fingerprint: c.fingerprint })}`}>Every credential with this secret</Link>
    </>
  );
}

function Reused({ fingerprint }: { fingerprint: string }) {
  const query = useReuses({ fingerprint });
  if (query.isPending) return <SkeletonRows rows={1} />;
  if (query.isError) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  const reuse = query.data.pages[0]?.items[0];
  if (reuse === undefined) return <p className={classes.note}>On one service by one address only.</p>;
  const view = new URLSearchParams({ fingerprint, open: reuse.id });
  return (
    <p className={classes.note}>
      Tried on <Link href={`/reuse?${view}`}>{plural(reuse.targets, 'service')}</Link> of deckies, by{' '}
      {plural(reuse.addresses, 'address', 'addresses')}.
    </p>
  );
}
