import { useMemo } from 'react';
import type { EgressCheck } from '../../api/types';
import { Panel } from '../../components/Page';
import { SafeText } from '../../components/Text';
import { plural } from '../../lib/format';
import { around, lineDiff } from '../../lib/linediff';
import classes from './Policy.module.css';

const words = { same: '', removed: 'removed: ', added: 'added: ' };

type Props = { title: string; before: string; after: string; check?: EgressCheck };

/** What differs between two policies: in words, when the server said them, and line by line. */
export function Diff({ title, before, after, check }: Props) {
  return (
    <Panel title={title} flush>
      {check !== undefined && check.problems.length === 0 && <Words check={check} />}
      <Lines before={before} after={after} />
    </Panel>
  );
}

/** What a policy changes, as people say it. */
export function Words({ check }: { check: EgressCheck }) {
  if (check.differences.length === 0) {
    return <p className={classes.verdict}>Nothing changes but how it is written.</p>;
  }
  return (
    <ul className={classes.words}>
      {check.differences.map((d) => (
        <li key={`${d.kind} ${d.what}`}>
          <span className={classes.kind} data-kind={d.kind}>
            {d.kind}
          </span>
          <span>
            <strong>
              <SafeText>{d.what}</SafeText>
            </strong>{' '}
            <SafeText>{d.text}</SafeText>
          </span>
        </li>
      ))}
      {check.more_differences > 0 && <li>and {plural(check.more_differences, 'difference')} more</li>}
    </ul>
  );
}

function Lines({ before, after }: { before: string; after: string }) {
  const pieces = useMemo(() => around(lineDiff(before, after)), [before, after]);
  return (
    <ol className={classes.diff} tabIndex={0} aria-label="Lines that differ">
      {pieces.map((p) =>
        p.kind === 'gap' ? (
          <li key={p.key} data-kind="gap" aria-label="lines that are the same">
            …
          </li>
        ) : (
          <li key={p.key} data-kind={p.kind}>
            <span className="sr-only">{words[p.kind]}</span>
            <SafeText mono>{p.text}</SafeText>
          </li>
        ),
      )}
    </ol>
  );
}
