import { Button } from '@mantine/core';
import { Link } from 'wouter';
import type { ActionVerb } from '../../api/actions';
import { useMe } from '../../api/queries';
import type { Action } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { NotLoaded, type PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SeverityTag } from '../../components/Severity';
import { SidePane } from '../../components/Split';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import classes from './Actions.module.css';
import { verbsOf, whatOf, whyNot } from './words';

type Asked = { onAsk: (verb: ActionVerb) => void };
type Props = PaneProps & Asked & { action: Action | undefined };

/** One thing that a playbook wants: why, how far it is, and what can be done with it. */
export function ActionPane({ action: a, onAsk, ...pane }: Props) {
  return (
    <SidePane label="Action" noun="action" title={a && <SafeText>{whatOf(a)}</SafeText>} {...pane}>
      {a === undefined ? <NotLoaded noun="action" /> : <Body action={a} onAsk={onAsk} />}
    </SidePane>
  );
}

function Body({ action: a, onAsk }: Asked & { action: Action }) {
  return (
    <>
      <StateTag state={tagOf(a)} />
      {a.kind === 'notify' && (
        <Panel title="What it says">
          <p className={classes.words}>
            <SafeText>{a.message}</SafeText>
          </p>
        </Panel>
      )}
      <Choices action={a} onAsk={onAsk} />
      <Panel title="What is known">
        <Known action={a} />
      </Panel>
      <Panel title="On the command line">
        <Snippet label="CLI">{commandOf(a)}</Snippet>
      </Panel>
    </>
  );
}

/** A pending action is a question to somebody, and is shown as one. */
export const tagOf = (a: Action): string => (a.state === 'pending' ? 'asking' : a.state);

const names = { approve: 'Approve…', reject: 'Reject…', undo: 'Undo…' };
const keysOf = { approve: 'a', reject: 'd', undo: 'u' };

function Choices({ action: a, onAsk }: Asked & { action: Action }) {
  const role = useMe().data?.role;
  const verbs = verbsOf(a, role);
  if (a.state !== 'pending' && a.state !== 'done') return null;
  return (
    <Panel title={a.state === 'pending' ? 'Decide' : 'Undo'}>
      {verbs.length > 0 ? (
        <div className={classes.choices}>
          {verbs.map((v) => (
            <Button key={v} variant="default" rightSection={<kbd>{keysOf[v]}</kbd>} onClick={() => onAsk(v)}>
              {names[v]}
            </Button>
          ))}
        </div>
      ) : (
        <p className={classes.note}>
          {(a.state === 'done' && whyNot(a, role)) || `A responder decides. Your role is ${role ?? 'not known'}.`}
        </p>
      )}
    </Panel>
  );
}

function Known({ action: a }: { action: Action }) {
  return (
    <Facts
      items={[
        ['Playbook', <SafeText key="p">{a.playbook}</SafeText>],
        ['Answers', <Answered key="e" action={a} />],
        ['Severity', <SeverityTag key="s" severity={a.severity} />],
        ['Asked', <Stamp key="a" at={a.created_at} />],
        ['Given up', a.state === 'pending' ? <Stamp key="x" at={a.expires} /> : null],
        ['Decided', a.decided_at === null ? null : <Stamp key="d" at={a.decided_at} />],
        ['By', a.decided_by === '' ? null : <SafeText key="b">{a.decided_by}</SafeText>],
        ['Because', a.reason === '' ? null : <SafeText key="r">{a.reason}</SafeText>],
        ['Result', a.result === '' ? null : <Result key="o" action={a} />],
        [
          'Message',
          a.kind === 'quarantine_message' ? (
            <SafeText key="m" mono>
              {a.target}
            </SafeText>
          ) : null,
        ],
        ['Secret', a.kind === 'quarantine' ? <Secret key="f" fingerprint={a.target} /> : null],
      ]}
    />
  );
}

const Answered = ({ action: a }: { action: Action }) => (
  <Link href={`/events?open=${encodeURIComponent(a.event_id)}`}>
    <SafeText mono>{a.event_topic}</SafeText>
  </Link>
);

const Secret = ({ fingerprint }: { fingerprint: string }) => (
  <Link href={`/findings?fingerprint=${encodeURIComponent(fingerprint)}`}>Where it was found</Link>
);

/** The result of a quarantine is an entry; of the others it is text. */
function Result({ action: a }: { action: Action }) {
  if (a.kind === 'quarantine' && /^[0-9a-f-]{36}$/.test(a.result))
    return <Link href={`/quarantine/${a.result}`}>The quarantine entry that it made</Link>;
  return <SafeText>{a.result}</SafeText>;
}

function commandOf(a: Action): string {
  if (a.state === 'pending') return `cordon playbook approve ${a.id} --reason "why"`;
  if (a.state === 'done') return `cordon playbook undo ${a.id} --reason "why"`;
  return `cordon playbook actions --state ${a.state}`;
}
