import { Link } from 'wouter';
import { useIncidents } from '../../api/incidents';
import classes from './Credentials.module.css';

/** Says that somebody tries a secret that leaked here, and leads to its incident. */
export function Yours({ fingerprint }: { fingerprint: string }) {
  const query = useIncidents({ fingerprint });
  const incident = query.data?.pages[0]?.items[0];
  const print = encodeURIComponent(fingerprint);
  return (
    <p className={classes.yours}>
      This secret is yours: it leaked here, and somebody tries it. Revoke it.{' '}
      {incident !== undefined && (
        <Link href={`/incidents?fingerprint=${print}&open=${encodeURIComponent(incident.id)}`}>Open its incident</Link>
      )}
      {incident === undefined && !query.isPending && (
        <Link href={`/findings?fingerprint=${print}`}>See where it leaked</Link>
      )}
    </p>
  );
}
