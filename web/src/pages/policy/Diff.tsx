import { useMemo } from 'react';
import { Panel } from '../../components/Page';
import { SafeText } from '../../components/Text';
import { around, lineDiff } from '../../lib/linediff';
import classes from './Policy.module.css';

const words = { same: '', removed: 'removed: ', added: 'added: ' };

/** What differs from the policy in force. */
export function Diff({ before, after }: { before: string; after: string }) {
  const pieces = useMemo(() => around(lineDiff(before, after)), [before, after]);
  return (
    <Panel title="Differs from what is in force" flush>
      <ol className={classes.diff}>
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
    </Panel>
  );
}
