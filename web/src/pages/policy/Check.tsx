import type { EgressCheck } from '../../api/types';
import { Panel } from '../../components/Page';
import { SafeText } from '../../components/Text';
import { plural } from '../../lib/format';
import classes from './Policy.module.css';

type Props = { id: string; check: EgressCheck; onGo: (line: number) => void };

/** What the server says of a draft: what is wrong with it, by line, or what became of its tests. */
export function Check({ id, check, onGo }: Props) {
  const failed = check.tests.filter((t) => !t.passed);
  const lines = [
    ...check.problems.map((p) => ({ line: p.line, what: p.key, text: `${p.problem}; ${p.hint}` })),
    ...failed.map((t) => ({ line: t.line, what: t.name, text: `wants ${t.want}, got ${t.got} (${t.reason})` })),
  ];
  return (
    <Panel title="Check" flush>
      <p id={id} className={classes.verdict} role="status">
        {sum(check, failed.length)}
      </p>
      {lines.length > 0 && (
        <ul className={classes.problems}>
          {lines.map((l) => (
            <li key={`${l.line} ${l.what} ${l.text}`}>
              <button type="button" onClick={() => onGo(l.line)}>
                Line {l.line}
              </button>
              <span>
                <SafeText mono>{l.what}</SafeText>
                <span className={classes.note}>
                  <SafeText>{l.text}</SafeText>
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function sum({ problems, tests }: EgressCheck, failed: number): string {
  if (problems.length > 0) return `It cannot come into force: ${plural(problems.length, 'problem')}.`;
  if (failed > 0) return `It cannot come into force: ${failed} of ${plural(tests.length, 'test')} failed.`;
  if (tests.length === 0) return 'Nothing is wrong with it. It has no tests.';
  return `Nothing is wrong with it, and ${tests.length === 1 ? 'its test passes' : `all ${tests.length} tests pass`}.`;
}
