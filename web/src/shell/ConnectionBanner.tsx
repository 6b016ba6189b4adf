import { useQueryClient } from '@tanstack/react-query';
import { History, Unplug } from 'lucide-react';
import { useEffect, useState } from 'react';
import { stamp } from '../lib/format';
import { useConnection } from '../live/LiveProvider';
import classes from './Shell.module.css';
import { useStale } from './useStale';

const patience = 2_000; // A blink of the connection is nobody's concern.

export function ConnectionBanner() {
  const { connection, retryNow } = useConnection();
  const [shown, setShown] = useState(false);
  const lost = connection === 'lost';
  useEffect(() => {
    if (!lost) return setShown(false);
    const t = window.setTimeout(() => setShown(true), patience);
    return () => window.clearTimeout(t);
  }, [lost]);
  if (!shown) return <StaleBanner />;
  return (
    <div className={classes.banner} role="status">
      <Unplug size={16} aria-hidden="true" />
      Live updates are interrupted. What you see may be out of date; missed events arrive on reconnection.
      <button type="button" onClick={retryNow}>
        Reconnect now
      </button>
    </div>
  );
}

/** Says that the numbers on the page are old: the stream is there, and an answer was refused. */
function StaleBanner() {
  const client = useQueryClient();
  const stale = useStale();
  if (stale === undefined) return <div role="status" />;
  const again = () => void client.refetchQueries({ type: 'active', predicate: (q) => q.state.status === 'error' });
  return (
    <div className={classes.banner} role="status">
      <History size={16} aria-hidden="true" />
      <span className={classes.why}>
        Not all of this could be renewed; some is as of {stamp(new Date(stale.since).toISOString())}. {stale.why}
      </span>
      <button type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}
