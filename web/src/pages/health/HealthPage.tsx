import { Link } from 'wouter';
import { useHealth, useMe } from '../../api/queries';
import type { Check, Health, Role } from '../../api/types';
import { Page, Panel } from '../../components/Page';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { includes } from '../../lib/roles';
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
          {groups(data.checks).map(([kind, checks]) => (
            <div key={kind} className={classes.group}>
              <Panel title={kinds[kind]?.title ?? kind} aside={<Details kind={kind} />} flush>
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

// What a kind is called, and the page that tells more.
const kinds: Record<string, { title: string; path?: string; needs?: Role }> = {
  hypercore: { title: 'Hypercore sources', path: '/sources' },
  bzzz: { title: 'BZZZ logs', path: '/sources' },
  dir: { title: 'Folders', path: '/sources' },
  file: { title: 'Files', path: '/sources' },
  stdin: { title: 'Standard input', path: '/sources' },
  database: { title: 'Database' },
  bus: { title: 'Bus' },
  alerts: { title: 'Alerts', path: '/webhooks', needs: 'admin' },
  audit: { title: 'Audit log', path: '/audit', needs: 'admin' },
  worker: { title: 'Workers', path: '/workers' },
};

function Details({ kind }: { kind: string }) {
  const role = useMe().data?.role;
  const { title, path, needs = 'viewer' } = kinds[kind] ?? {};
  if (path === undefined || !includes(role, needs)) return null;
  return (
    <Link href={path}>
      Details<span className="sr-only"> of {title}</span>
    </Link>
  );
}

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

// "1 failing, 1 degraded, 5 ok"
function tally(checks: Check[]): string {
  const states = ['failing', 'degraded', 'ok'] as const;
  return states
    .map((s) => [checks.filter((c) => c.status === s).length, s] as const)
    .filter(([n]) => n > 0)
    .map(([n, s]) => `${n} ${s}`)
    .join(', ');
}

// By kind, in the order the server gives them; what fails comes first within.
function groups(checks: Check[]): [string, Check[]][] {
  const by = new Map<string, Check[]>();
  for (const c of checks) by.set(c.kind, [...(by.get(c.kind) ?? []), c]);
  return [...by].map(([kind, list]) => [kind, list.toSorted((a, b) => rank[a.status] - rank[b.status])]);
}

const rank = { failing: 0, degraded: 1, ok: 2 };
