import { Fragment } from 'react';
import { Link } from 'wouter';
import { useIncident } from '../../api/incidents';
import type { Incident } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import type { PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SeverityTag } from '../../components/Severity';
import { SidePane } from '../../components/Split';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { middle, plural } from '../../lib/format';
import { plain } from '../../lib/text';
import { useNow } from '../../lib/useNow';
import { Brief } from './Brief';
import { Choices, type Deeds } from './Choices';
import classes from './Incidents.module.css';
import { isSnoozed } from './snooze';
import { Timeline } from './Timeline';
import { isAttackers } from './why';

type Props = PaneProps & { id: string; incident: Incident | undefined; deeds: Deeds };

export function IncidentPane({ id, incident: i, deeds, ...pane }: Props) {
  return (
    <SidePane label="Incident" noun="incident" title={i && <SafeText>{i.title}</SafeText>} {...pane}>
      {i === undefined ? <Lines id={id} /> : <Body incident={i} deeds={deeds} />}
    </SidePane>
  );
}

function Body({ incident: i, deeds }: { incident: Incident; deeds: Deeds }) {
  const snoozed = isSnoozed(i, useNow());
  return (
    <>
      <p className={classes.tags}>
        <SeverityTag severity={i.severity} />
        <StateTag state={snoozed ? 'snoozed' : i.state} />
      </p>
      <Brief id={i.id}>
        <Choices incident={i} deeds={deeds} />
      </Brief>
      <Panel title="Timeline">
        <Lines id={i.id} onSplit={deeds.split && ((part) => deeds.split?.(i.id, [part]))} />
      </Panel>
      <Panel title="What is known">
        <Known incident={i} />
      </Panel>
      <Panel title="Elsewhere">
        <Snippet label="CLI">{`cordon incident show ${i.id}`}</Snippet>
        <Snippet label="API">{`curl -H "Authorization: Bearer $CORDON_API_KEY" ${location.origin}/api/v1/incidents/${i.id}`}</Snippet>
        <Raw incident={i} />
      </Panel>
    </>
  );
}

/** All that the API says of it. */
const Raw = ({ incident: i }: { incident: Incident }) => (
  <details className={classes.raw}>
    <summary>As JSON</summary>
    <pre tabIndex={0}>{plain(JSON.stringify(i, null, 2))}</pre>
  </details>
);

function Lines({ id, onSplit }: { id: string; onSplit?: (part: string) => void }) {
  const query = useIncident(id);
  if (query.isPending) return <SkeletonRows rows={4} height={20} />;
  if (query.isError) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  return <Timeline of={id} entries={query.data.timeline} omitted={query.data.omitted} onSplit={onSplit} />;
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
              {plural(i.observations, 'time')}
            </Link>
          ),
        ],
        ['Assignee', i.assignee === '' ? null : <SafeText key="a">{i.assignee}</SafeText>],
        ['Part of', i.merged_into === null ? null : <Other key="p" id={i.merged_into} />],
        [
          'Took in',
          i.merged.length === 0 ? null : (
            <span key="m" className={classes.print}>
              {i.merged.map((id) => (
                <Fragment key={id}>
                  <Other id={id} />{' '}
                </Fragment>
              ))}
            </span>
          ),
        ],
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

/** An incident that is part of this one, or the whole: closed or not, it is in the list of all. */
const Other = ({ id }: { id: string }) => <Link href={`/incidents?queue=all&open=${id}`}>{middle(id, 8, 6)}</Link>;

/** Where it came from. Of an attacker there is more to see. */
function Address({ incident: i }: { incident: Incident }) {
  if (!isAttackers(i)) return i.source_ip;
  return <Link href={`/attackers?open=${encodeURIComponent(i.source_ip)}`}>{i.source_ip}</Link>;
}

/** What the anomaly sensor counted of its address. */
function Anomalies({ incident: i }: { incident: Incident }) {
  return <Link href={`/anomalies?key=${encodeURIComponent(i.key)}`}>its anomalies</Link>;
}
