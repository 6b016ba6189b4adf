import { Button } from '@mantine/core';
import { Link } from 'wouter';
import { useMe } from '../../api/queries';
import type { EgressEndpoint } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { NotLoaded, type PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SidePane } from '../../components/Split';
import { SafeText } from '../../components/Text';
import { Ago, Stamp } from '../../components/Time';
import { Verdict } from '../../components/Verdict';
import { bytes, compact, shellQuote } from '../../lib/format';
import { includes } from '../../lib/roles';
import { target } from '../decisions/target';
import classes from './FirstSeen.module.css';
import { programOf, verdictWords } from './verdicts';

type Props = PaneProps & { endpoint: EgressEndpoint | undefined; onAsk: (allow: boolean) => void };

export function EndpointPane({ endpoint: e, onAsk, ...pane }: Props) {
  return (
    <SidePane label="Endpoint" noun="endpoint" title={e && <SafeText>{target(e)}</SafeText>} {...pane}>
      {e === undefined ? <NotLoaded noun="endpoint" /> : <Body endpoint={e} onAsk={onAsk} />}
    </SidePane>
  );
}

function Body({ endpoint: e, onAsk }: { endpoint: EgressEndpoint; onAsk: (allow: boolean) => void }) {
  return (
    <>
      <Verdict decision={e.last_decision} />
      <Panel title="Review">
        {e.verdict !== null && <Given endpoint={e} />}
        <Choices onAsk={onAsk} again={e.verdict !== null} />
      </Panel>
      <Panel title="What is known">
        <Known endpoint={e} />
      </Panel>
      <Panel title="On the command line">
        <Snippet label="CLI">{`cordon egress review ${shellQuote(target(e))} --allow once --reason "why"`}</Snippet>
      </Panel>
    </>
  );
}

function Given({ endpoint: e }: { endpoint: EgressEndpoint }) {
  return (
    <p className={classes.verdict}>
      <strong>{e.verdict !== null && verdictWords[e.verdict]}</strong> by <SafeText>{e.reviewed_by}</SafeText>
      {e.reviewed_at !== null && (
        <>
          , <Ago at={e.reviewed_at} />
        </>
      )}
      : <SafeText>{e.note}</SafeText>
    </p>
  );
}

function Choices({ onAsk, again }: { onAsk: (allow: boolean) => void; again: boolean }) {
  const role = useMe().data?.role;
  if (!includes(role, 'responder')) {
    return <p className={classes.note}>A responder may deny it, an administrator may allow it. Your role is {role}.</p>;
  }
  return (
    <>
      <div className={classes.choices}>
        {includes(role, 'admin') && (
          <Button variant="default" rightSection={<kbd>a</kbd>} onClick={() => onAsk(true)}>
            Allow…
          </Button>
        )}
        <Button variant="default" rightSection={<kbd>d</kbd>} onClick={() => onAsk(false)}>
          Deny…
        </Button>
      </div>
      {again && <p className={classes.note}>A rule that an earlier review made stays until it is removed.</p>}
    </>
  );
}

function Known({ endpoint: e }: { endpoint: EgressEndpoint }) {
  const moved = e.bytes_out + e.bytes_in === 0 ? null : `${bytes(e.bytes_out)} out, ${bytes(e.bytes_in)} in`;
  return (
    <Facts
      items={[
        [
          'Program',
          <SafeText key="p" mono>
            {programOf(e)}
          </SafeText>,
        ],
        ['First seen', <Stamp key="f" at={e.first_seen} />],
        ['Last seen', <Stamp key="l" at={e.last_seen} />],
        [
          'Decisions',
          <Link key="d" href={`/decisions?host=${encodeURIComponent(e.host)}`}>
            {compact(e.allowed)} allowed, {compact(e.denied)} denied
          </Link>,
        ],
        ['Reason', <code key="r">{e.last_reason}</code>],
        ['Rule', e.last_rule === '' ? null : <SafeText key="u">{e.last_rule}</SafeText>],
        ['Address', e.address === '' ? null : <SafeText key="a">{e.address}</SafeText>],
        ['Protocol', e.protocol],
        ['Moved', moved],
        ['Node', <SafeText key="n">{e.node}</SafeText>],
      ]}
    />
  );
}
