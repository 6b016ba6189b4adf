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
      {r.notes.map((n) => (
        <p key={n} className={classes.caveat}>
          <SafeText>{n}</SafeText>
        </p>
      ))}
      {r.changes.length > 0 && <Changes result={r} />}
    </Panel>
  );
}

function Changes({ result: r }: { result: EgressDryRun }) {
  return (
    <section className={classes.changes} tabIndex={0} aria-label="Destinations that would be answered differently">
      <table>
        <thead>
          <tr>
            <th scope="col">Would be</th>
            <th scope="col">Destination</th>
            <th scope="col">Why</th>
            <th scope="col" className={classes.right}>
              Decisions
            </th>
          </tr>
        </thead>
        <tbody>
          {r.changes.map((c) => (
            <tr key={`${c.host} ${c.port} ${c.was} ${c.now} ${c.reason} ${c.rule}`}>
              <td>
                <Verdict decision={c.now} />
              </td>
              <td>
                <SafeText>{target(c)}</SafeText>
              </td>
              <td className={classes.why}>
                <SafeText>{c.rule === '' ? c.reason : `${c.reason}: ${c.rule}`}</SafeText>
              </td>
              <td className={classes.right}>{count(c.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
