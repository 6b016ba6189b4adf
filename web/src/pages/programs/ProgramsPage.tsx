import { AppWindow } from 'lucide-react';
import { Link } from 'wouter';
import { usePrograms } from '../../api/egress';
import type { EgressProgram } from '../../api/types';
import { EgressError } from '../../components/EgressOff';
import { Page, Panel } from '../../components/Page';
import { Notice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { bytes, compact, plural } from '../../lib/format';
import classes from './Programs.module.css';

/** The programs that asked the gateway for something. */
export function ProgramsPage() {
  const { data, isPending, isError, error, refetch } = usePrograms();
  return (
    <Page title="Programs" lead="The programs that asked the gateway for something, those that asked last first.">
      {isPending && <SkeletonRows rows={8} height={26} />}
      {isError && data === undefined && <EgressError error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <Notice icon={<AppWindow size={26} />} title="No program yet">
          <p>A program appears here as soon as it asks the gateway for a host.</p>
        </Notice>
      )}
      {data !== undefined && data.items.length > 0 && (
        <Panel title={plural(data.items.length, 'program')} flush>
          <ul className={classes.rows}>
            {data.items.map((p) => (
              <Row key={p.program} program={p} />
            ))}
          </ul>
        </Panel>
      )}
    </Page>
  );
}

function Row({ program: p }: { program: EgressProgram }) {
  return (
    <li className={classes.row}>
      <Name program={p.program} />
      <span className={`${classes.quiet} num`}>{plural(p.destinations, 'destination')}</span>
      <span className="num">
        {p.waiting === 0 ? (
          <span className={classes.quiet}>none waits</span>
        ) : (
          <Waiting program={p.program} waiting={p.waiting} />
        )}
      </span>
      <span className={`${classes.quiet} num`}>
        {compact(p.allowed)} allowed, {compact(p.denied)} denied
      </span>
      <span className={`${classes.moved} num`}>
        {p.bytes_out + p.bytes_in > 0 && `${bytes(p.bytes_out)} out, ${bytes(p.bytes_in)} in`}
      </span>
      <span className={classes.seen}>
        <Ago at={p.last_seen} />
      </span>
    </li>
  );
}

function Name({ program }: { program: string }) {
  if (program === '') return <span className={classes.name}>(not known)</span>;
  return (
    <Link href={`/decisions?program=${encodeURIComponent(program)}`} className={classes.name}>
      <SafeText mono>{program}</SafeText>
    </Link>
  );
}

// Programs that are not known cannot be asked for by name: their link shows all that waits.
function Waiting({ program, waiting }: { program: string; waiting: number }) {
  const narrowed = program === '' ? '' : `?program=${encodeURIComponent(program)}`;
  return (
    <Link href={`/first-seen${narrowed}`}>
      {compact(waiting)} to review
      <span className="sr-only"> of {program === '' ? 'programs that are not known' : program}</span>
    </Link>
  );
}
