import type { EgressDecision } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { NotLoaded, type PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SidePane } from '../../components/Split';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { Verdict } from '../../components/Verdict';
import { bytes, count, shellQuote } from '../../lib/format';
import classes from './Decisions.module.css';
import { target } from './target';

type Props = PaneProps & { decision: EgressDecision | undefined };

export function DecisionPane({ decision: d, ...pane }: Props) {
  return (
    <SidePane label="Decision" noun="decision" title={d && <SafeText>{target(d)}</SafeText>} {...pane}>
      {d === undefined ? <NotLoaded noun="decision" /> : <Body decision={d} />}
    </SidePane>
  );
}

function Body({ decision: d }: { decision: EgressDecision }) {
  return (
    <>
      <Verdict decision={d.decision} would={d.would} />
      <p className={classes.why}>
        <SafeText>{d.detail === '' ? d.reason : d.detail}</SafeText>
      </p>
      <Panel title="What was asked for">
        <Asked decision={d} />
      </Panel>
      <Panel title="Who asked">
        <Who decision={d} />
      </Panel>
      {d.decision === 'deny' && d.reason === 'default_policy' && (
        <Panel title="To allow it">
          <Snippet label="CLI">{`cordon egress add ${shellQuote(target(d))} "what for"`}</Snippet>
        </Panel>
      )}
    </>
  );
}

function Asked({ decision: d }: { decision: EgressDecision }) {
  const moved = d.ended_at === null ? null : `${bytes(d.bytes_out)} out, ${bytes(d.bytes_in)} in`;
  return (
    <Facts
      items={[
        ['Time', <Stamp key="t" at={d.time} />],
        ['Reason', <code key="r">{d.reason}</code>],
        ['Rule', safe(d.rule)],
        ['Address', safe(d.address)],
        ['Protocol', d.protocol],
        ['Method', safe(d.method)],
        ['URL', safe(d.url)],
        ['Moved', moved],
        ['Ended', d.ended_at === null ? null : <Stamp key="e" at={d.ended_at} />],
        ['Cut off', safe(d.cut)],
        ['Secrets', d.findings.length === 0 ? null : d.findings.map((f) => f.rule).join(', ')],
        ['Line', `${count(d.seq)} of audit.log on ${d.node}`],
      ]}
    />
  );
}

function Who({ decision: d }: { decision: EgressDecision }) {
  return (
    <Facts
      items={[
        ['Client', safe(d.client)],
        ['Program', d.exe === '' ? 'not known' : safe(d.exe)],
        ['Process', d.pid === 0 ? null : String(d.pid)],
        ['Command', safe(d.cmdline)],
        ['Source', d.source_file === '' ? null : safe(`${d.source_file}:${d.source_line} ${d.function}`)],
        ['Came in by', d.entry],
      ]}
    />
  );
}

const safe = (text: string) => (text === '' ? null : <SafeText mono>{text}</SafeText>);
