import { Button } from '@mantine/core';
import { Link } from 'wouter';
import { useIncident } from '../../api/incidents';
import { useMe } from '../../api/queries';
import type { Incident, IncidentAction } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { NotLoaded, type PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SeverityTag } from '../../components/Severity';
import { SidePane } from '../../components/Split';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { count, plural } from '../../lib/format';
import { includes } from '../../lib/roles';
import classes from './Incidents.module.css';
import { Timeline } from './Timeline';
import { isAttackers, why } from './why';

type OnAct = (incident: Incident, action: IncidentAction) => void;

export function IncidentPane({
  incident: i,
  onAct,
  ...pane
}: PaneProps & { incident: Incident | undefined; onAct: OnAct }) {
  return (
    <SidePane label="Incident" noun="incident" title={i && <SafeText>{i.title}</SafeText>} {...pane}>
      {i === undefined ? <NotLoaded noun="incident" /> : <Body incident={i} onAct={onAct} />}
    </SidePane>
  );
}

function Body({ incident: i, onAct }: { incident: Incident; onAct: OnAct }) {
  const reason = why(i);
  return (
    <>
      <p className={classes.tags}>
        <SeverityTag severity={i.severity} />
        <StateTag state={i.state} />
      </p>
      {reason !== null && <p className={classes.why}>{reason}</p>}
      <Panel title="What to do">
        <Choices incident={i} onAct={onAct} />
      </Panel>
      <Panel title="Timeline">
        <Lines id={i.id} />
      </Panel>
      <Panel title="What is known">
        <Known incident={i} />
      </Panel>
      <Panel title="On the command line">
        <Snippet label="CLI">{`cordon incident show ${i.id}`}</Snippet>
      </Panel>
    </>
  );
}

function Choices({ incident: i, onAct }: { incident: Incident; onAct: OnAct }) {
  const role = useMe().data?.role;
  if (!includes(role, 'reviewer')) return <p className={classes.note}>A reviewer may act. Your role is {role}.</p>;
  const open = i.closed_at === null;
  return (
    <>
      {!open && (
        <p className={classes.note}>
          Closed: <SafeText>{i.reason}</SafeText>
        </p>
      )}
      <div className={classes.choices}>
        {i.state === 'triggered' && (
          <Button variant="default" rightSection={<kbd>a</kbd>} onClick={() => onAct(i, 'acknowledge')}>
            Take on
          </Button>
        )}
        {open && (
          <>
            <Button variant="default" rightSection={<kbd>r</kbd>} onClick={() => onAct(i, 'resolve')}>
              Resolve…
            </Button>
            <Button variant="default" rightSection={<kbd>i</kbd>} onClick={() => onAct(i, 'ignore')}>
              Ignore…
            </Button>
          </>
        )}
        {i.state !== 'triggered' && (
          <Button variant="default" onClick={() => onAct(i, 'reopen')}>
            Reopen
          </Button>
        )}
        <Button variant="default" onClick={() => onAct(i, 'note')}>
          Note…
        </Button>
      </div>
    </>
  );
}

function Lines({ id }: { id: string }) {
  const query = useIncident(id);
  if (query.isPending) return <SkeletonRows rows={4} height={20} />;
  if (query.isError) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  return <Timeline entries={query.data.timeline} total={query.data.observations} />;
}

function Known({ incident: i }: { incident: Incident }) {
  const print = encodeURIComponent(i.fingerprint);
  return (
    <Facts
      items={[
        ['Secret', i.redacted === '' ? null : <code key="s">{i.redacted}</code>],
        [
          'Rule',
          i.rule === '' ? null : (
            <Link key="r" href={`/rules/${encodeURIComponent(i.rule)}`}>
              {i.rule}
            </Link>
          ),
        ],
        ['Kind', i.secret_type],
        [
          'Seen',
          i.fingerprint === '' ? (
            plural(i.observations, 'time')
          ) : (
            <Link key="o" href={`/findings?fingerprint=${print}`}>
              {count(i.observations)} times
            </Link>
          ),
        ],
        ['Assignee', i.assignee === '' ? null : <SafeText key="a">{i.assignee}</SafeText>],
        ['Opened', <Stamp key="f" at={i.opened_at} />],
        ['Last seen', <Stamp key="l" at={i.seen_at} />],
        [
          'Program',
          i.program === '' ? null : (
            <SafeText key="p" mono>
              {i.program}
            </SafeText>
          ),
        ],
        ['Address', i.source_ip === '' ? null : <Address key="ip" incident={i} />],
        ['Anomalies', i.sensors.includes('anomaly') ? <Anomalies key="n" incident={i} /> : null],
        [
          'Fingerprint',
          i.fingerprint === '' ? null : (
            <code key="k" className={classes.print}>
              {i.fingerprint}
            </code>
          ),
        ],
      ]}
    />
  );
}

/** Where it came from. Of an attacker there is more to see. */
function Address({ incident: i }: { incident: Incident }) {
  if (!isAttackers(i)) return i.source_ip;
  return <Link href={`/attackers?open=${encodeURIComponent(i.source_ip)}`}>{i.source_ip}</Link>;
}

/** What the anomaly sensor counted of its address. */
function Anomalies({ incident: i }: { incident: Incident }) {
  return <Link href={`/anomalies?key=${encodeURIComponent(i.key)}`}>its anomalies</Link>;
}
