import { Button } from '@mantine/core';
import { Play } from 'lucide-react';
import { Link } from 'wouter';
import { useDeckySession } from '../../api/deception';
import { useMe } from '../../api/queries';
import type { DeckySession } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { DeceptionError } from '../../components/DeceptionOff';
import { Facts } from '../../components/Facts';
import type { PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SidePane } from '../../components/Split';
import { SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { bytes, count } from '../../lib/format';
import { includes } from '../../lib/roles';
import { Deeds } from './Deeds';
import { Files } from './Files';
import { Marks } from './Marks';
import classes from './Sessions.module.css';

/** One session. A link may lead to one that the list has not loaded: then it is asked for. */
export function SessionPane({ id, row, ...pane }: PaneProps & { id: string; row: DeckySession | undefined }) {
  const query = useDeckySession(id);
  const s = query.data ?? (row?.id === id ? row : undefined);
  return (
    <SidePane label="Session" noun="session" title={s && <Title session={s} />} {...pane}>
      {s !== undefined && <Body session={s} />}
      {s === undefined && query.isPending && <SkeletonRows rows={8} />}
      {s === undefined && query.isError && <DeceptionError error={query.error} onRetry={() => void query.refetch()} />}
    </SidePane>
  );
}

function Title({ session: s }: { session: DeckySession }) {
  return (
    <>
      <SafeText mono>{s.attacker_ip}</SafeText> on <SafeText>{s.decky}</SafeText>
    </>
  );
}

function Body({ session: s }: { session: DeckySession }) {
  return (
    <>
      <Marks session={s} />
      {s.transcript > 0 && (
        <Panel title="Terminal">
          <Replay session={s} />
        </Panel>
      )}
      <Panel title="What they did">
        <Deeds session={s} />
      </Panel>
      {s.artifacts > 0 && (
        <Panel title="Files that they left">
          <Files of={{ session: s.id }} />
        </Panel>
      )}
      <Panel title="What is known">
        <Known session={s} />
      </Panel>
      <Panel title="On the command line">
        <Snippet label="CLI">{`cordon session show ${s.id}`}</Snippet>
      </Panel>
    </>
  );
}

function Replay({ session: s }: { session: DeckySession }) {
  const role = useMe().data?.role;
  if (!includes(role, 'admin')) {
    return (
      <p className={classes.note}>
        {bytes(s.transcript)} were recorded. An administrator can play them. Your role is {role}.
      </p>
    );
  }
  return (
    <Button component={Link} href={`/sessions/${s.id}/replay`} variant="default" leftSection={<Play size={14} />}>
      Replay, {bytes(s.transcript)}
    </Button>
  );
}

function Known({ session: s }: { session: DeckySession }) {
  return (
    <Facts
      items={[
        [
          'From',
          <Link key="f" href={`/attackers?open=${encodeURIComponent(s.attacker_ip)}`}>
            {s.attacker_ip}
          </Link>,
        ],
        ['Their port', String(s.attacker_port)],
        ['Decky', <SafeText key="d">{s.decky}</SafeText>],
        ['Node', <SafeText key="n">{s.node}</SafeText>],
        ['Service', <SafeText key="s">{s.service}</SafeText>],
        ['Arrived at', s.local],
        ['Came', <Stamp key="c" at={s.started_at} />],
        ['Did something last', <Stamp key="l" at={s.seen_at} />],
        ['Left', s.ended_at === null ? 'is here now' : <Stamp key="e" at={s.ended_at} />],
        ['Ended because', s.end_reason === '' ? null : <SafeText key="r">{s.end_reason}</SafeText>],
        [s.logged_in ? 'Let in as' : 'Tried last as', s.principal === '' ? null : <Long key="p" text={s.principal} />],
        ['Called itself', s.banner === '' ? null : <Long key="b" text={s.banner} />],
        ['Not kept', s.dropped === 0 ? null : `${count(s.dropped)} more things: there were too many`],
        ['Session', <code key="i">{s.id}</code>],
      ]}
    />
  );
}

const Long = ({ text }: { text: string }) => (
  <span className={classes.long}>
    <SafeText mono>{text}</SafeText>
  </span>
);
