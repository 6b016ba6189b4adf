import { Link } from 'wouter';
import type { AnomalyRuleChange, AnomalyRuleDetail } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { count, plural, shellQuote } from '../../lib/format';
import { span } from '../anomalies/kinds';
import rules from '../rules/Rules.module.css';

export function RuleFacts({ rule: r, maxCost }: { rule: AnomalyRuleDetail; maxCost: number | undefined }) {
  return (
    <Facts
      items={[
        ['Counts', r.on.join(', ')],
        ['Within', r.window_seconds === 0 ? null : span(r.window_seconds)],
        ['Over after', r.cooldown_seconds === 0 ? null : `${span(r.cooldown_seconds)} of quiet`],
        ['From', r.from === '' ? 'made here' : <SafeText key="f">{r.from}</SafeText>],
        [
          'Opened',
          <Link key="o" href={`/anomalies?kind=${encodeURIComponent(r.id)}`}>
            {plural(r.opened, 'anomaly', 'anomalies')}
          </Link>,
        ],
        ['The last', r.last_opened_at === null ? null : <Stamp key="l" at={r.last_opened_at} />],
        [
          'Cost',
          maxCost === undefined
            ? count(r.cost)
            : `${count(r.cost)} of the ${count(maxCost)} there are for a kind of record`,
        ],
        ['Changed', r.updated_at === null ? null : <Stamp key="c" at={r.updated_at} />],
      ]}
    />
  );
}

const verbs = { add: 'Added', update: 'Changed', remove: 'Removed' } as const;

/** Every change of the rule, newest first. */
export function History({ changes }: { changes: AnomalyRuleChange[] }) {
  if (changes.length === 0) return <p className={rules.hint}>Nobody has changed it here.</p>;
  return (
    <ol className={rules.history}>
      {changes.map((c) => (
        <li key={`${c.time} ${c.action} ${c.what}`}>
          <div className={rules.change}>
            <strong>
              {verbs[c.action]} by <SafeText>{c.who}</SafeText>
            </strong>
            <span className={rules.quiet}>
              <Stamp at={c.time} />
            </span>
          </div>
          <p className={rules.quiet}>
            <SafeText>{c.what}</SafeText>
          </p>
          {c.reason !== '' && (
            <p>
              <SafeText>{c.reason}</SafeText>
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}

/** What this page shows and does, for the command line and for scripts. */
export function Elsewhere({ rule: r }: { rule: AnomalyRuleDetail }) {
  const id = shellQuote(r.id);
  const url = shellQuote(`${window.location.origin}/api/v1/anomaly/rules/${encodeURIComponent(r.id)}`);
  return (
    <>
      <Snippet label="CLI">{`cordon anomaly rules ${id}`}</Snippet>
      <Snippet label="CLI">{`cordon anomaly rule ${r.enabled ? 'disable' : 'enable'} ${id} --reason 'why'`}</Snippet>
      <Snippet label="CLI">{'cordon anomaly rule replay draft.yaml --since 24h'}</Snippet>
      <Snippet label="API">{`curl -H "Authorization: Bearer $CORDON_API_KEY" ${url}`}</Snippet>
    </>
  );
}
