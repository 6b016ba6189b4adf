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

type OnRemove = ((d: Decky) => void) | undefined;

export function DeckyPane({ decky: d, onRemove, ...pane }: PaneProps & { decky?: Decky; onRemove: OnRemove }) {
  return (
    <SidePane label="Decky" noun="decky" title={d && <SafeText>{d.name}</SafeText>} {...pane}>
      {d === undefined ? <NotLoaded noun="decky" /> : <Body decky={d} onRemove={onRemove} />}
    </SidePane>
  );
}

function Body({ decky: d, onRemove }: { decky: Decky; onRemove: OnRemove }) {
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

function TakeAway({ decky: d, onRemove }: { decky: Decky; onRemove: OnRemove }) {
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
