import type { RuleChange } from '../../api/types';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { percent } from '../../lib/format';
import classes from './Rules.module.css';

const verbs = { add: 'Added', update: 'Changed', remove: 'Removed' } as const;
const makers: Record<string, string> = {
  human: 'a person',
  meta_curator: 'the curator',
  feedback_system: 'the feedback of reviewers',
};

/** Every change of the rule, newest first. */
export function History({ changes }: { changes: RuleChange[] }) {
  if (changes.length === 0) return <p className={classes.hint}>Unchanged since it was loaded.</p>;
  return (
    <ol className={classes.history}>
      {changes.map((c) => (
        <li key={`${c.timestamp} ${c.action} ${c.new_regex}`}>
          <div className={classes.change}>
            <strong>
              {verbs[c.action]}
              {c.status !== 'approved' && `, ${c.status}`}
            </strong>
            <span className={classes.quiet}>
              <Stamp at={c.timestamp} />
            </span>
          </div>
          <p className={classes.quiet}>
            proposed by {makers[c.submitted_by] ?? <SafeText>{c.submitted_by}</SafeText>}
            {c.approved_by && (
              <>
                , decided by <SafeText>{c.approved_by}</SafeText>
              </>
            )}
          </p>
          {c.decision_reason && (
            <p>
              <SafeText>{c.decision_reason}</SafeText>
            </p>
          )}
          <Diff change={c} />
        </li>
      ))}
    </ol>
  );
}

function Diff({ change: c }: { change: RuleChange }) {
  const same = c.old_regex === c.new_regex;
  return (
    <dl className={classes.diff}>
      {!same && c.old_regex && <Line name="was" regex={c.old_regex} />}
      {!same && c.new_regex && <Line name="is" regex={c.new_regex} />}
      <dt>confidence</dt>
      <dd className="num">{percent(c.confidence)}</dd>
    </dl>
  );
}

function Line({ name, regex }: { name: string; regex: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <SafeText mono>{regex}</SafeText>
      </dd>
    </>
  );
}
