import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { RuleHit, RuleTest } from '../../api/types';
import { SeverityMark } from '../../components/Severity';
import { SafeText } from '../../components/Text';
import { percent, plural } from '../../lib/format';
import { pieces } from './highlight';
import classes from './Rules.module.css';

/** The scanned text with every secret redacted and marked, and the list of what was found. */
export function TryResult({ text, result, named }: { text: string; result: RuleTest; named: boolean }) {
  const { findings, not_scanned } = result;
  return (
    <div className={classes.try}>
      {not_scanned.length > 0 && (
        <p className={classes.partly}>
          <TriangleAlert size={16} aria-hidden="true" /> Not all of it was scanned: {not_scanned[0]?.reason}.
        </p>
      )}
      {findings.length === 0 && not_scanned.length === 0 && (
        <p className={classes.clean}>
          <CircleCheck size={16} aria-hidden="true" /> No secret was found.
        </p>
      )}
      {findings.length > 0 && (
        <>
          <strong>{plural(findings.length, 'finding')}</strong>
          <Marked text={text} hits={findings} />
          <ol className={classes.hits}>
            {findings.map((h) => (
              <Hit key={`${h.rule} ${h.start} ${h.end} ${h.redacted} ${h.decoders.join()}`} hit={h} named={named} />
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

function Marked({ text, hits }: { text: string; hits: RuleHit[] }) {
  return (
    <section className={classes.marked} dir="ltr" aria-label="Scanned text, redacted" tabIndex={0}>
      {pieces(text, hits).map((p) =>
        p.found === undefined ? (
          <SafeText key={p.at}>{p.text}</SafeText>
        ) : (
          <mark key={p.at} className={classes.hit} title={p.found.rule}>
            <SafeText>{p.found.redacted}</SafeText>
          </mark>
        ),
      )}
    </section>
  );
}

function Hit({ hit: h, named }: { hit: RuleHit; named: boolean }) {
  return (
    <li>
      <SeverityMark severity={h.severity} />
      <span className={classes.grow}>
        <SafeText mono>{named ? h.rule : h.secret_type || 'this rule'}</SafeText>
        <span className="sr-only">, {h.severity}</span>
      </span>
      <span className="num">{percent(h.confidence)}</span>
      <small>
        line {h.line}, column {h.column}
        {h.decoders.length > 0 && `, behind ${h.decoders.join(' → ')}`}: <SafeText mono>{h.redacted}</SafeText>
      </small>
    </li>
  );
}
