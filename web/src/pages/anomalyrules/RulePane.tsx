import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { type LoadedAnomalyRule, useAnomalyRule } from '../../api/anomalyRules';
import { Panel } from '../../components/Page';
import { SeverityTag } from '../../components/Severity';
import { type Position, SidePane } from '../../components/Split';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import rules from '../rules/Rules.module.css';
import classes from './AnomalyRules.module.css';
import { EditRule } from './EditRule';
import { stateOf } from './filters';
import { Replay } from './Replay';
import { RuleActions } from './RuleActions';
import { Elsewhere, History, RuleFacts } from './RuleFacts';

type Can = {
  isAdmin: boolean;
  canTry: boolean;
  maxCost: number | undefined;
  /** It is of a file, and an operator's has the same id: here only that one can be changed. */
  twin: boolean;
};

type Props = Can & {
  id: string;
  /** Whose it is, when a file and an operator each have one of that id. */
  origin?: 'file';
  position: Position | undefined;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
};

export function RulePane({ id, origin, position, onStep, onClose, ...can }: Props) {
  const { data, isPending, isError, error, refetch } = useAnomalyRule(id, origin);
  return (
    <SidePane
      label="Anomaly rule"
      noun="rule"
      title={<SafeText mono>{id}</SafeText>}
      position={position}
      onStep={onStep}
      onClose={onClose}
    >
      {isPending && <SkeletonRows rows={10} />}
      {isError && data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <Body rule={data} onGone={onClose} {...can} />}
    </SidePane>
  );
}

function Body({ rule, isAdmin, canTry, maxCost, twin, onGone }: Can & { rule: LoadedAnomalyRule; onGone: () => void }) {
  const [editing, setEditing] = useState(false);
  if (editing) return <EditRule rule={rule} onDone={() => setEditing(false)} />;
  return (
    <>
      <Summary rule={rule} />
      {!isAdmin && <p className={rules.hint}>Your role may look at rules, not change them.</p>}
      {isAdmin && twin && <Twin id={rule.id} />}
      {isAdmin && !twin && <RuleActions rule={rule} onEdit={() => setEditing(true)} onGone={onGone} />}
      <Panel title="The rule">
        <pre className={classes.yaml}>
          <SafeText>{rule.text}</SafeText>
        </pre>
      </Panel>
      {canTry && (
        <Panel title="Replay this rule">
          <Replay text={rule.text} stored />
        </Panel>
      )}
      <Panel title="Facts">
        <RuleFacts rule={rule} maxCost={maxCost} />
      </Panel>
      <Panel title="History">
        <History changes={rule.history} />
      </Panel>
      <Panel title="The same elsewhere">
        <Elsewhere rule={rule} />
      </Panel>
    </>
  );
}

function Twin({ id }: { id: string }) {
  return (
    <p className={rules.hint}>
      <Link href={`/anomaly-rules/${encodeURIComponent(id)}`}>A rule that was made here</Link> has the same id, and does
      not run for that. Delete it, and this one can be turned off here.
    </p>
  );
}

function Summary({ rule: r }: { rule: LoadedAnomalyRule }) {
  return (
    <>
      <div className={rules.tags}>
        {r.severity !== '' && <SeverityTag severity={r.severity} />}
        <StateTag state={stateOf(r)} />
        <span className={rules.quiet}>{r.origin === 'file' ? 'from a file' : 'was made here'}</span>
      </div>
      {r.words !== '' && <p className={rules.text}>Too much is: {r.words}.</p>}
      {r.description !== '' && (
        <p className={rules.text}>
          <SafeText>{r.description}</SafeText>
        </p>
      )}
      {r.problem !== '' && (
        <p className={rules.partly}>
          <TriangleAlert size={16} aria-hidden="true" /> <SafeText>{`It does not run: ${r.problem}`}</SafeText>
        </p>
      )}
    </>
  );
}
