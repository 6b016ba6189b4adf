import { Button } from '@mantine/core';
import { ArrowRight, Workflow } from 'lucide-react';
import { Link } from 'wouter';
import { useEvent } from '../../api/events';
import type { EventRecord } from '../../api/types';
import { CopyButton, Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import type { PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SeverityTag } from '../../components/Severity';
import { SidePane } from '../../components/Split';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import classes from './Events.module.css';
import { rawOf, waysOf } from './ways';

/** One event. A link may lead to one that the list has not loaded: then it is asked for. */
export function EventPane({ id, row, ...pane }: PaneProps & { id: string; row: EventRecord | undefined }) {
  const query = useEvent(id, row);
  const e = row ?? query.data;
  return (
    <SidePane label="Event" noun="event" title={e && <SafeText mono>{e.topic}</SafeText>} {...pane}>
      {e !== undefined && <Body event={e} />}
      {e === undefined && query.isPending && <SkeletonRows rows={8} />}
      {e === undefined && query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
    </SidePane>
  );
}

function Body({ event: e }: { event: EventRecord }) {
  return (
    <>
      <p className={classes.tags}>
        <SeverityTag severity={e.severity} />
        <SafeText>{e.subject}</SafeText>
      </p>
      <Ways event={e} />
      <Panel title="What is known">
        <Facts
          items={[
            ['When', <Stamp key="w" at={e.time} />],
            ['Said by', <SafeText key="s">{e.source}</SafeText>],
            ['Cause', e.correlation_id === '' ? null : <SafeText key="c">{e.correlation_id}</SafeText>],
            ['Place in the log', <code key="p">{e.place}</code>],
            ['Form', `version ${e.schema}`],
          ]}
        />
      </Panel>
      <Panel title="As JSON" flush>
        <Raw event={e} />
      </Panel>
      <Panel title="On the command line">
        <Snippet label="CLI">{`cordon event show ${e.id}`}</Snippet>
      </Panel>
    </>
  );
}

function Ways({ event: e }: { event: EventRecord }) {
  const ways = waysOf(e);
  if (ways.length === 0 && e.correlation_id === '') return null;
  return (
    <div className={classes.ways}>
      {ways.map((w) => (
        <Button key={w.href} component={Link} href={w.href} variant="default" leftSection={<ArrowRight size={14} />}>
          {w.name}
        </Button>
      ))}
      {e.correlation_id !== '' && (
        <Button
          component={Link}
          href={`/events?cause=${encodeURIComponent(e.correlation_id)}`}
          variant="default"
          leftSection={<Workflow size={14} />}
        >
          All of this cause
        </Button>
      )}
    </div>
  );
}

function Raw({ event: e }: { event: EventRecord }) {
  const { whole, shown, cut } = rawOf(e);
  return (
    <>
      <div className={classes.copy}>
        {cut ? 'Too long to show whole; the copy has all.' : 'As the API gives it.'}
        <CopyButton value={whole} label="the event as JSON" />
      </div>
      <section className={classes.raw} dir="ltr" aria-label="The event as JSON" tabIndex={0}>
        <SafeText mono>{shown}</SafeText>
      </section>
    </>
  );
}
