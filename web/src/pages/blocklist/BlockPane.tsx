import { Button } from '@mantine/core';
import { Link } from 'wouter';
import { useMe } from '../../api/queries';
import type { Block } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { NotLoaded, type PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SidePane } from '../../components/Split';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { personOf } from '../../lib/people';
import { askedBy, mayEnd, stateOf } from './words';

type Props = PaneProps & { block: Block | undefined; onEnd: () => void };

/** One entry of the block list: why it is there, until when, who asked for it, and what else is known of the address. */
export function BlockPane({ block: b, onEnd, ...pane }: Props) {
  return (
    <SidePane label="Block" noun="entry" title={b && <SafeText mono>{b.network}</SafeText>} {...pane}>
      {b === undefined ? <NotLoaded noun="entry" /> : <Body block={b} onEnd={onEnd} />}
    </SidePane>
  );
}

function Body({ block: b, onEnd }: { block: Block; onEnd: () => void }) {
  const role = useMe().data?.role;
  return (
    <>
      <StateTag state={stateOf(b)} />
      {mayEnd(b, role) && (
        <Panel title="Undo">
          <Button variant="default" rightSection={<kbd>u</kbd>} onClick={onEnd}>
            Let it in again…
          </Button>
        </Panel>
      )}
      <Panel title="What is known">
        <Facts
          items={[
            ['Because', <SafeText key="r">{b.reason}</SafeText>],
            ['Asked by', <SafeText key="b">{askedBy(b)}</SafeText>],
            ['Since', <Stamp key="c" at={b.created_at} />],
            ['Until', <Stamp key="u" at={b.until} />],
            ['Spared', b.spared === '' ? null : <SafeText key="s">{b.spared}</SafeText>],
            ['Taken off', b.ended_at === null ? null : <Stamp key="e" at={b.ended_at} />],
            ['By', b.ended_by === '' ? null : <SafeText key="x">{personOf(b.ended_by)}</SafeText>],
            ['Answers', b.event_id === '' ? null : <Answered key="a" id={b.event_id} />],
            ['Elsewhere', b.network.includes('/') ? null : <Elsewhere key="l" address={b.network} />],
          ]}
        />
      </Panel>
      <Panel title="For a firewall">
        <Snippet label="CLI">cordon decision list --for nft</Snippet>
        {b.active && <Snippet label="CLI">{`cordon decision remove ${b.id} --reason "why"`}</Snippet>}
      </Panel>
    </>
  );
}

const Answered = ({ id }: { id: string }) => (
  <Link href={`/events?open=${encodeURIComponent(id)}`}>The event that a playbook answered</Link>
);

const Elsewhere = ({ address }: { address: string }) => (
  <span>
    <Link href={`/incidents?address=${encodeURIComponent(address)}`}>Incidents</Link>,{' '}
    <Link href={`/anomalies?key=${encodeURIComponent(address)}`}>anomalies</Link>,{' '}
    <Link href={`/sessions?attacker_ip=${encodeURIComponent(address)}`}>visits of deckies</Link>
  </span>
);
