import { useHealth } from '../../api/queries';
import type { Check, Health } from '../../api/types';
import { Page, Panel } from '../../components/Page';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import classes from './Health.module.css';

const verdicts: Record<Health['status'], string> = {
  ok: 'Everything works.',
  degraded: 'Cordon works, but not everything is as it should be.',
  failing: 'Something is broken. What it guards may go unwatched.',
};

const lead = (
  <>
    The same checks as <code>cordon doctor</code>, renewed every ten seconds.
  </>
);

export function HealthPage() {
  const { data, isPending, isError, error, refetch } = useHealth();
  return (
    <Page title="Health" lead={lead}>
      {isPending && <SkeletonRows rows={8} height={26} />}
      {isError && data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <>
          <div className={classes.verdict} data-status={data.status} role="status">
            <StateTag state={data.status} />
            {verdicts[data.status]}
          </div>
          {groups(data.checks).map(([kind, checks]) => (
            <div key={kind} className={classes.group}>
              <Panel title={titles[kind] ?? kind} flush>
                <ul className={classes.checks}>
                  {checks.map((c) => (
                    <Row key={c.name} check={c} />
                  ))}
                </ul>
              </Panel>
            </div>
          ))}
        </>
      )}
    </Page>
  );
}

const titles: Record<string, string> = {
  source: 'Sources',
  dir: 'Folders',
  file: 'Files',
  'bzzz-log': 'BZZZ logs',
  stdin: 'Standard input',
  hypercore: 'Hypercore sources',
  database: 'Database',
  bus: 'Bus',
  alerts: 'Alerts',
  workers: 'Workers',
  worker: 'Workers',
};

function Row({ check: c }: { check: Check }) {
  return (
    <li className={classes.check}>
      <StateTag state={c.status} />
      <span className={classes.name}>
        <SafeText>{c.name}</SafeText>
      </span>
      <span className={classes.detail}>
        <SafeText>{c.detail}</SafeText>
      </span>
      <span className={classes.since}>
        <Ago at={c.since} />
      </span>
    </li>
  );
}

// By kind, in the order the server gives them; what fails comes first within.
function groups(checks: Check[]): [string, Check[]][] {
  const by = new Map<string, Check[]>();
  for (const c of checks) by.set(c.kind, [...(by.get(c.kind) ?? []), c]);
  return [...by].map(([kind, list]) => [kind, list.toSorted((a, b) => rank[a.status] - rank[b.status])]);
}

const rank = { failing: 0, degraded: 1, ok: 2 };
