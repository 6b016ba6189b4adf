import type { ReactNode } from 'react';
import { useIncident } from '../../api/incidents';
import type { IncidentBrief } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { Panel } from '../../components/Page';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import classes from './Incidents.module.css';

/** What is asked first, in the order in which it is asked: what happened, what got out, what was done, what to do. */
export function Brief({ id, children }: { id: string; children: ReactNode }) {
  const query = useIncident(id);
  if (query.isPending) return <SkeletonRows rows={4} height={20} />;
  return (
    <>
      {query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {query.data !== undefined && <SoFar brief={query.data.brief} />}
      <Panel title="What to do now">
        {query.data !== undefined && <Steps brief={query.data.brief} />}
        {children}
      </Panel>
    </>
  );
}

function SoFar({ brief: b }: { brief: IncidentBrief }) {
  return (
    <>
      <p className={classes.why}>
        <SafeText>{b.happened}</SafeText>
      </p>
      <Facts
        items={[
          ['What got out', b.got.length === 0 ? null : <Lines key="g" lines={b.got} />],
          ['What was done', b.done.length === 0 ? 'Nothing yet: it is on record.' : <Lines key="d" lines={b.done} />],
        ]}
      />
    </>
  );
}

/** The same said twice is shown once. */
function Lines({ lines }: { lines: string[] }) {
  return (
    <ul className={classes.lines}>
      {[...new Set(lines)].map((line) => (
        <li key={line}>
          <SafeText>{line}</SafeText>
        </li>
      ))}
    </ul>
  );
}

/** What a button of this page does needs no command. */
const hasButton = (command: string) => command.startsWith('cordon incident ');

function Steps({ brief: b }: { brief: IncidentBrief }) {
  if (b.next.length === 0) return null;
  return (
    <ol className={classes.steps}>
      {b.next.map((s) => (
        <li key={s.words}>
          <SafeText>{s.words}</SafeText>
          {s.command !== '' && !hasButton(s.command) && <Snippet label="CLI">{s.command}</Snippet>}
        </li>
      ))}
    </ol>
  );
}
