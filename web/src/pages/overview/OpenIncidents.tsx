import { Link } from 'wouter';
import { useGravestIncidents } from '../../api/incidents';
import { Panel } from '../../components/Page';
import { SeverityTag } from '../../components/Severity';
import { ErrorNotice } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import classes from './Overview.module.css';

/** What to look into first: the gravest incidents that are open. Nothing is shown when none is. */
export function OpenIncidents() {
  const { data, isError, error, refetch } = useGravestIncidents();
  if (data === undefined && !isError) return null;
  if (data?.length === 0) return null;
  return (
    <div className={classes.gap}>
      <Panel title="Open incidents, the gravest first" aside={<Link href="/incidents">All</Link>} flush>
        {data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        <ul className={classes.incidents}>
          {data?.map((i) => (
            <li key={i.id}>
              <Link href={`/incidents?open=${encodeURIComponent(i.id)}`}>
                <SeverityTag severity={i.severity} />
                <span className={classes.what}>
                  <SafeText>{i.title}</SafeText>
                </span>
                <span className={classes.by}>
                  <SafeText>{i.sensors.join(' + ')}</SafeText>
                </span>
                <StateTag state={i.state} />
                <span className={classes.where}>
                  <Ago at={i.seen_at} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}
