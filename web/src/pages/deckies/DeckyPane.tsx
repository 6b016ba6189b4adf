import { Button } from '@mantine/core';
import { Link } from 'wouter';
import type { Decky, DeckyService } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { NotLoaded, type PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SidePane } from '../../components/Split';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { plural, shellQuote } from '../../lib/format';
import classes from './Deckies.module.css';
import { DeckyState } from './DeckyState';
import { rhythm } from './services';

type Act = ((d: Decky) => void) | undefined;
type Acts = { onRemove: Act; onMutate: Act };

export function DeckyPane({ decky: d, onRemove, onMutate, ...pane }: PaneProps & { decky?: Decky } & Acts) {
  return (
    <SidePane label="Decky" noun="decky" title={d && <SafeText>{d.name}</SafeText>} {...pane}>
      {d === undefined ? <NotLoaded noun="decky" /> : <Body decky={d} onRemove={onRemove} onMutate={onMutate} />}
    </SidePane>
  );
}

function Body({ decky: d, onRemove, onMutate }: { decky: Decky } & Acts) {
  return (
    <>
      <div>
        <DeckyState decky={d} />
        {d.detail !== '' && (
          <p className={classes.note}>
            <SafeText>{d.detail}</SafeText>
          </p>
        )}
      </div>
      <Panel title={plural(d.services.length, 'service')}>
        <ul className={classes.services}>
          {d.services.map((s) => (
            <Service key={s.port} service={s} />
          ))}
        </ul>
      </Panel>
      <Panel title="What it is">
        <Known decky={d} />
      </Panel>
      <Panel title="To make it another host">
        <Mutations decky={d} onMutate={onMutate} />
      </Panel>
      <Panel title="To take it away">
        <TakeAway decky={d} onRemove={onRemove} />
      </Panel>
      <Panel title="On the command line">
        <Snippet label="CLI">{`cordon decky show ${shellQuote(d.name)}`}</Snippet>
      </Panel>
    </>
  );
}

function Service({ service: s }: { service: DeckyService }) {
  return (
    <li>
      <span>
        <SafeText>{s.kind}</SafeText> <span className="num">{s.port}</span>
      </span>
      <StateTag state={s.listening ? 'running' : 'failed'} />
      <span className={classes.note}>
        {plural(s.clients, 'client')} now, {plural(s.sessions, 'session')}, {s.refused} refused
        {s.detail !== '' && (
          <>
            . <SafeText>{s.detail}</SafeText>
          </>
        )}
      </span>
    </li>
  );
}

function Known({ decky: d }: { decky: Decky }) {
  return (
    <Facts
      items={[
        ['Plays', <SafeText key="a">{d.archetype}</SafeText>],
        ['Calls itself', <SafeText key="h">{d.hostname}</SafeText>],
        ['Claims to run', <SafeText key="c">{d.distro}</SafeText>],
        ['Address', <SafeText key="i">{d.address}</SafeText>],
        ['Node', <SafeText key="n">{d.node}</SafeText>],
        ['In this state since', <Stamp key="s" at={d.since} />],
        ['Heard of last', <Stamp key="l" at={d.heard_at} />],
        [
          'Sessions',
          <Link key="v" href={`/sessions?decky=${encodeURIComponent(d.name)}`}>
            who came
          </Link>,
        ],
      ]}
    />
  );
}

function Mutations({ decky: d, onMutate }: { decky: Decky; onMutate: Act }) {
  return (
    <>
      <Facts
        items={[
          ['Mutated', d.generation === 0 ? 'never' : plural(d.generation, 'time')],
          ['Last', d.last_mutated && <Stamp key="m" at={d.last_mutated} />],
          ['By itself', d.next_mutation === null ? 'does not' : rhythm(d.mutate_interval_seconds)],
          ['Next', d.next_mutation && <Stamp key="n" at={d.next_mutation} />],
        ]}
      />
      {d.mutating && <p className={classes.note}>It is to mutate; its node has not told yet that it did.</p>}
      {onMutate !== undefined && !d.mutating && (
        <Button size="xs" variant="default" onClick={() => onMutate(d)}>
          Mutate…
        </Button>
      )}
    </>
  );
}

function TakeAway({ decky: d, onRemove }: { decky: Decky; onRemove: Act }) {
  if (d.configured) return <p className={classes.note}>It stands in the configuration of its node: change it there.</p>;
  return (
    <>
      <p className={classes.note}>
        Added by <SafeText>{d.added_by}</SafeText>.{onRemove === undefined && ' An administrator can remove it.'}
      </p>
      {onRemove !== undefined && (
        <Button size="xs" variant="default" onClick={() => onRemove(d)}>
          Remove…
        </Button>
      )}
    </>
  );
}
