import { Unplug } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useConnection } from '../live/LiveProvider';
import classes from './Shell.module.css';

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
  if (!shown) return <div role="status" />;
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
