import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { type LoadedRule, useRule } from '../../api/rules';
import { Panel } from '../../components/Page';
import { SeverityTag } from '../../components/Severity';
import { type Position, SidePane } from '../../components/Split';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { draftFrom, tried } from './draft';
import { EditRule } from './EditRule';
import { History } from './History';
import { RuleActions } from './RuleActions';
import { Elsewhere, Matching, RuleFacts } from './RuleFacts';
import classes from './Rules.module.css';
import { TryBox } from './TryBox';

type Props = {
  id: string;
  isAdmin: boolean;
  canTry: boolean;
  position: Position | undefined;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
};

export function RulePane({ id, isAdmin, canTry, position, onStep, onClose }: Props) {
  const { data, isPending, isError, error, refetch } = useRule(id);
  return (
    <SidePane
      label="Rule"
      noun="rule"
      title={<SafeText mono>{id}</SafeText>}
      position={position}
      onStep={onStep}
      onClose={onClose}
    >
      {isPending && <SkeletonRows rows={10} />}
      {isError && data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <Body rule={data} isAdmin={isAdmin} canTry={canTry} onGone={onClose} />}
    </SidePane>
  );
}

type BodyProps = { rule: LoadedRule; isAdmin: boolean; canTry: boolean; onGone: () => void };

function Body({ rule, isAdmin, canTry, onGone }: BodyProps) {
  const [editing, setEditing] = useState(false);
  if (editing) return <EditRule rule={rule} onDone={() => setEditing(false)} />;
  return (
    <>
      <div className={classes.tags}>
        <SeverityTag severity={rule.severity} />
        <StateTag state={rule.active ? 'on' : 'off'} />
        <span className={classes.quiet}>
          {origins[rule.origin]}
          {rule.changed && ', changed here'}
        </span>
      </div>
      {rule.description !== '' && (
        <p className={classes.text}>
          <SafeText>{rule.description}</SafeText>
        </p>
      )}
      <Warnings rule={rule} />
      {isAdmin ? (
        <RuleActions rule={rule} onEdit={() => setEditing(true)} onGone={onGone} />
      ) : (
        <p className={classes.hint}>Your role may look at rules, not change them.</p>
      )}
      <Panel title="What matches">
        <Matching rule={rule} />
      </Panel>
      {canTry && (
        <Panel title="Try this rule">
          <TryBox draft={tried(draftFrom(rule), rule)} />
        </Panel>
      )}
      <Panel title="Facts">
        <RuleFacts rule={rule} />
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

const origins: Record<LoadedRule['origin'], string> = {
  builtin: 'comes with Cordon',
  file: 'from a rule file',
  imported: 'was imported',
  custom: 'was made here',
};

function Warnings({ rule: r }: { rule: LoadedRule }) {
  const all = [
    r.problem,
    r.held ? 'The configuration turns this rule off (leak.rules.disable). It can be turned on only there.' : '',
    r.slow ? 'It has no literal to look for, so it is tried everywhere and slows every scan. Keywords would help.' : '',
  ].filter(Boolean);
  return all.map((text) => (
    <p key={text} className={classes.partly}>
      <TriangleAlert size={16} aria-hidden="true" /> <SafeText>{text}</SafeText>
    </p>
  ));
}
