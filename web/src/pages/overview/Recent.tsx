import { Link } from 'wouter';
import { useRecent } from '../../api/queries';
import { SeverityMark } from '../../components/Severity';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { EvidenceLine, SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import classes from './Overview.module.css';

export function Recent() {
  const { data, isPending, isError, error, refetch } = useRecent();
  if (isPending) return <SkeletonRows rows={6} height={30} />;
  if (isError && data === undefined) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return (
    <ul className={classes.recent}>
      {data.items.map((r) => (
        <li key={r.id}>
          <Link href={`/quarantine/${encodeURIComponent(r.id)}`}>
            <SeverityMark severity={r.severity} />
            <span className={classes.what}>
              <SafeText>{r.secret_type}</SafeText>
              <span className="sr-only">, {r.severity}</span>
            </span>
            <span className={classes.where}>
              <Ago at={r.timestamp} />
            </span>
            <EvidenceLine>{r.redacted_content}</EvidenceLine>
          </Link>
        </li>
      ))}
    </ul>
  );
}
