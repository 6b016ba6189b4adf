import type { EgressDryRun } from '../../api/types';
import { Panel } from '../../components/Page';
import { SafeText } from '../../components/Text';
import { Verdict } from '../../components/Verdict';
import { count, plural } from '../../lib/format';
import { target } from '../decisions/target';
import classes from './Policy.module.css';

/** What a policy would have answered to what was asked last. */
export function DryRun({ result: r }: { result: EgressDryRun }) {
  return (
    <Panel title="What it would change" flush>
      <p className={classes.verdict} role="status">
        Of the last {plural(r.total, 'decision')}: <strong>{count(r.newly_blocked)}</strong> would be newly denied,{' '}
        <strong>{count(r.newly_allowed)}</strong> newly allowed.
      </p>
      {r.changes.length > 0 && (
        <ul className={classes.changes}>
          {r.changes.map((c) => (
            <li key={`${c.host} ${c.port} ${c.was} ${c.now} ${c.reason} ${c.rule}`}>
              <Verdict decision={c.now} />
              <span className={classes.target}>
                <SafeText>{target(c)}</SafeText>
              </span>
              <span className={classes.note}>
                <SafeText>{c.rule === '' ? c.reason : `${c.reason}: ${c.rule}`}</SafeText>
              </span>
              <span className="num">{plural(c.count, 'time')}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
