import { Button } from '@mantine/core';
import { RotateCw } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useConfig } from '../../api/node';
import { useMe, useOverview } from '../../api/queries';
import type { Configuration, Reloaded } from '../../api/types';
import { AdminOnly } from '../../components/AdminOnly';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { Page, Panel } from '../../components/Page';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { bytes, count, plural } from '../../lib/format';
import { includes } from '../../lib/roles';
import { plain } from '../../lib/text';
import { ReloadDialog, ReloadResult } from './Reload';
import classes from './Settings.module.css';

const lead = 'How this node is set up. The file is changed where it lies; here it is read, and read again.';

/** The configuration in force, what it means, and reading the file again. */
export function SettingsPage() {
  const admin = includes(useMe().data?.role, 'admin');
  const query = useConfig(admin);
  const [asking, setAsking] = useState(false);
  const [result, setResult] = useState<Reloaded | null>(null);
  const c = query.data;
  return (
    <Page
      title="Settings"
      lead={lead}
      actions={
        c !== undefined &&
        c.file !== '' && (
          <Button size="xs" leftSection={<RotateCw size={14} />} onClick={() => setAsking(true)}>
            Reload the file
          </Button>
        )
      }
    >
      <AdminOnly what="to know how the node is set up">
        {query.isPending && <SkeletonRows rows={10} height={24} />}
        {query.isError && c === undefined && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
        {result !== null && <ReloadResult result={result} onClose={() => setResult(null)} />}
        {c !== undefined && <Sections config={c} />}
        {asking && <ReloadDialog file={c?.file ?? ''} onDone={setResult} onClose={() => setAsking(false)} />}
      </AdminOnly>
    </Page>
  );
}

function Sections({ config: c }: { config: Configuration }) {
  return (
    <div className={classes.columns}>
      <Panel title="Configuration in force" aside={<File path={c.file} />} flush>
        {c.warnings.length > 0 && (
          <ul className={classes.warnings} aria-label="Warnings">
            {c.warnings.map((w) => (
              <li key={w}>
                <SafeText>{w}</SafeText>
              </li>
            ))}
          </ul>
        )}
        <section className={classes.yaml} tabIndex={0} aria-label="Configuration as YAML">
          <pre>{plain(c.yaml)}</pre>
        </section>
      </Panel>
      <div className={classes.side}>
        <Panel title="This node">
          <Node />
        </Panel>
        <Panel title="Rows are kept">
          <Kept days={c.retention} />
        </Panel>
        <Panel title="Limits of one caller">
          <LimitFacts limits={c.limits} />
        </Panel>
        <Panel title="Without a restart">
          <p className={classes.text}>
            A reload puts {listed(c.live)} into force. The node looks at the file by itself too. Everything else is read
            when it starts.
          </p>
          <Snippet label="CLI">cordon config check</Snippet>
          <Snippet label="CLI">cordon config reload</Snippet>
        </Panel>
      </div>
    </div>
  );
}

function File({ path }: { path: string }) {
  if (path === '') return <span className={classes.file}>started without a file: defaults</span>;
  return (
    <span className={classes.file}>
      <SafeText mono>{path}</SafeText>
    </span>
  );
}

function Node() {
  const o = useOverview(24).data;
  if (o === undefined) return null;
  return (
    <Facts
      items={[
        ['Version', o.version],
        ['Running since', <Stamp key="s" at={o.started_at} />],
      ]}
    />
  );
}

function Kept({ days }: { days: Configuration['retention'] }) {
  const time = (n: number) => (n === 0 ? 'for ever' : plural(n, 'day'));
  return (
    <Facts
      items={[
        ['Events', time(days.events)],
        ['Findings', time(days.findings)],
        ['Quarantine', time(days.quarantine)],
        ['Deliveries', time(days.deliveries)],
        ['Audit log', 'always'],
      ]}
    />
  );
}

function LimitFacts({ limits: l }: { limits: Configuration['limits'] }) {
  return (
    <Facts
      items={[
        ['Requests', `${count(l.requests_per_second)} a second, ${count(l.request_burst)} at once`],
        ['Request body', bytes(l.request_bytes)],
        ['Deadline', `${l.request_seconds} s`],
        ['Page of a list', plural(l.page_rows, 'row')],
      ]}
    />
  );
}

// "a, b and c", each as code.
function listed(names: string[]): ReactNode[] {
  return names.flatMap((n, i) => {
    const before = i === 0 ? '' : i === names.length - 1 ? ' and ' : ', ';
    return [before, <code key={n}>{n}</code>];
  });
}
