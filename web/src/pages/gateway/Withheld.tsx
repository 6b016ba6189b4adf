import { Link } from 'wouter';
import { useWithheld } from '../../api/gossip';
import { SeverityTag } from '../../components/Severity';
import { SkeletonRows } from '../../components/States';
import { EvidenceLine, SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import classes from './Gateway.module.css';

/** The latest messages that a gateway kept back. */
export function Withheld({ gateway }: { gateway: string }) {
  const { data, error, isPending } = useWithheld(gateway);
  return (
    <section className={classes.part} aria-label="Withheld">
      <h3 className={classes.title}>
        Withheld last
        <Link className={classes.link} href={`/quarantine?source=${encodeURIComponent(gateway)}`}>
          all in quarantine
        </Link>
      </h3>
      {isPending && <SkeletonRows rows={3} />}
      {error !== null && data === undefined && <p className={classes.quiet}>Not known: {error.message}</p>}
      {data?.items.length === 0 && <p className={classes.quiet}>No message of this gateway is in quarantine.</p>}
      <ul className={classes.entries}>
        {data?.items.map((q) => (
          <li key={q.id}>
            <div className={classes.entry}>
              <SeverityTag severity={q.severity} />
              <Link href={`/quarantine/${q.id}?source=${encodeURIComponent(gateway)}`}>
                <SafeText>{q.secret_type}</SafeText>
              </Link>
              <span className={classes.quiet}>
                <Ago at={q.timestamp} />
              </span>
            </div>
            <EvidenceLine>{q.redacted_content}</EvidenceLine>
          </li>
        ))}
      </ul>
    </section>
  );
}
