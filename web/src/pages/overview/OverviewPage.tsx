import { useState } from 'react';
import { Link } from 'wouter';
import { useOverview } from '../../api/queries';
import { Page, Panel } from '../../components/Page';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { stamp } from '../../lib/format';
import { GettingStarted } from './GettingStarted';
import { History } from './History';
import { OpenIncidents } from './OpenIncidents';
import classes from './Overview.module.css';
import { Recent } from './Recent';
import { Sensors } from './Sensors';
import { SourceTable } from './SourceTable';

export function OverviewPage() {
  const [hours, setHours] = useState('24');
  const { data, isPending, isError, error, refetch } = useOverview(Number(hours));
  const lead = 'What the sensors see, what they caught, and what waits for a decision.';
  if (isPending) {
    return (
      <Page title="Overview" lead={lead}>
        <Panel>
          <SkeletonRows rows={10} height={26} />
        </Panel>
      </Page>
    );
  }
  if (isError && data === undefined) {
    return (
      <Page title="Overview" lead={lead}>
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      </Page>
    );
  }
  const quiet = data.quarantined === 0;
  return (
    <Page title="Overview" lead={lead}>
      <Sensors overview={data} />
      <OpenIncidents />
      {quiet && <GettingStarted watching={data.sources.length} />}
      {!quiet && (
        <div className={classes.columns}>
          <History overview={data} hours={hours} onHours={setHours} />
          <Panel title="Recent catches" aside={<Link href="/quarantine">All</Link>} flush>
            <Recent />
          </Panel>
        </div>
      )}
      {data.sources.length > 0 && (
        <Panel title="Sources" aside={<Link href="/sources">Details</Link>} flush>
          <SourceTable sources={data.sources} />
        </Panel>
      )}
      <p className={classes.version}>
        Cordon {data.version}, running since {stamp(data.started_at)}
      </p>
    </Page>
  );
}
