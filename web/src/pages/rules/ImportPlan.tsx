import type { ReactNode } from 'react';
import type { RuleImport } from '../../api/types';
import { SafeText } from '../../components/Text';
import { count, plural } from '../../lib/format';
import classes from './Rules.module.css';

const words = { add: 'new', update: 'changes', unchanged: 'as it is', refused: 'refused' } as const;
const order = { refused: 0, update: 1, add: 2, unchanged: 3 } as const;
const shown = 500; // rows; the counts above tell of all

/** What a file would do: which rules it adds and changes, what of it is refused, and what works otherwise here. */
export function ImportPlan({ plan }: { plan: RuleImport }) {
  const items = plan.items.toSorted((a, b) => order[a.action] - order[b.action] || a.line - b.line).slice(0, shown);
  return (
    <section className={classes.import} aria-label="What would change" role="status">
      <p className={classes.sums}>
        <strong>{plural(plan.added, 'new rule')}</strong>, {count(plan.updated)} changed, {count(plan.unchanged)}{' '}
        unchanged, {count(plan.refused)} refused. {formats[plan.format]}
      </p>
      {items.length > 0 && (
        <Table label="Rules of the file" head={['Rule', 'Line', 'Becomes', 'Detail']}>
          {items.map((i) => (
            <tr key={`${i.line} ${i.rule}`} data-bad={i.action === 'refused' || undefined}>
              <td>
                <SafeText mono>{i.rule}</SafeText>
              </td>
              <Line n={i.line} />
              <td>{words[i.action]}</td>
              <td>
                <SafeText>{i.detail}</SafeText>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {plan.notes.length > 0 && (
        <Table label="What works otherwise here" head={['Works otherwise here', 'Line', 'What']}>
          {plan.notes.slice(0, shown).map((n) => (
            <tr key={`${n.line} ${n.rule} ${n.reason}`}>
              <td>
                <SafeText mono>{n.rule || 'the file'}</SafeText>
              </td>
              <Line n={n.line} />
              <td>
                <SafeText>{n.reason}</SafeText>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

const formats: Record<RuleImport['format'], string> = {
  gitleaks: 'Read as a .gitleaks.toml.',
  shhh: "Read as SHHH's patterns.",
  cordon: 'Read as a rule file of Cordon.',
};

const Line = ({ n }: { n: number }) => <td className="num">{n > 0 ? n : ''}</td>;

function Table({ label, head, children }: { label: string; head: string[]; children: ReactNode }) {
  return (
    <section className={classes.table} aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((h) => (
              <th key={h} scope="col">
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
