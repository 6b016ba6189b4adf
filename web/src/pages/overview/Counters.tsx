import { Link } from 'wouter';
import type { Overview } from '../../api/types';
import { SeverityMark, severities } from '../../components/Severity';
import { count } from '../../lib/format';
import classes from './Overview.module.css';

export function Counters({ overview }: { overview: Overview }) {
  const waiting = Object.values(overview.unreviewed).reduce((a, b) => a + b, 0);
  return (
    <section className={classes.counters} aria-label="Counters">
      <Counter name="Messages scanned" value={overview.scanned} />
      <Counter name="Findings" value={overview.findings} href="/findings" />
      <Counter name="Quarantined" value={overview.quarantined} href="/quarantine" />
      <div className={classes.review} data-waiting={waiting > 0 || undefined}>
        <div>
          <div className={classes.name}>To review</div>
          <Link href="/quarantine?reviewed=false" className={`${classes.value} num`}>
            {count(waiting)}
          </Link>
        </div>
        <ul className={classes.split}>
          {severities.map((s) => (
            <li key={s}>
              <Link href={`/quarantine?reviewed=false&severity=${s}`}>
                <SeverityMark severity={s} />
                <span>{s}</span>
                <span className="num">{count(overview.unreviewed[s] ?? 0)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function Counter({ name, value, href }: { name: string; value: number; href?: string }) {
  return (
    <div className={classes.counter}>
      <div className={classes.name}>{name}</div>
      {href === undefined ? (
        <span className={`${classes.value} num`}>{count(value)}</span>
      ) : (
        <Link href={href} className={`${classes.value} num`}>
          {count(value)}
        </Link>
      )}
    </div>
  );
}
