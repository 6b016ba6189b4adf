import { Link } from 'wouter';
import { useHealth, useMe } from '../../api/queries';
import type { Check, Health } from '../../api/types';
import { Page, Panel } from '../../components/Page';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { includes } from '../../lib/roles';
import { navigation } from '../../shell/nav';
import { type Group, groups, isSource, tally } from './groups';
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
            <span className={classes.tally}>{tally(data.checks)}</span>
          </div>
          {groups(data.checks).map((g) => (
            <div key={g.title} className={classes.group}>
              <Panel title={g.title} aside={<Details group={g} />} flush>
                <ul className={classes.checks}>
                  {g.checks.map((c) => (
                    <Row key={`${c.kind} ${c.name}`} check={c} />
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

function Details({ group: g }: { group: Group }) {
  const role = useMe().data?.role;
  const item = navigation.flatMap((n) => n.items).find((i) => i.path === g.path);
  if (item === undefined || !includes(role, item.needs)) return null;
  return (
    <Link href={item.path}>
      Details<span className="sr-only"> of {g.title}</span>
    </Link>
  );
}

function Row({ check: c }: { check: Check }) {
  return (
    <li className={classes.check}>
      <StateTag state={c.status} />
      <span className={classes.name}>
        <SafeText>{c.name}</SafeText>
        {isSource(c) && <span className={classes.kind}>{c.kind}</span>}
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
