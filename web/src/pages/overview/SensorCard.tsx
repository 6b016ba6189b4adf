import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { explain } from '../../api/errors';
import classes from './Sensors.module.css';

type Props = {
  name: string;
  icon: LucideIcon;
  href: string;
  /** The one number that tells whether to look; undefined while it is fetched. */
  value: string | undefined;
  /** What the number counts. */
  label: string;
  /** Something waits for a person. */
  waiting?: boolean;
  /** Why there is nothing to show; what is shown otherwise may be old, and is left out. */
  error?: unknown;
  children?: ReactNode;
};

/** One sensor on the overview: a number that leads to its page, and a few lines about it. */
export function SensorCard({ name, icon: Icon, href, value, label, waiting = false, error, children }: Props) {
  return (
    <section className={classes.card} aria-label={name} data-waiting={waiting || undefined}>
      <h2 className={classes.name}>
        <Icon size={15} aria-hidden="true" />
        {name}
      </h2>
      {error === undefined || error === null ? (
        <>
          <Link href={href} className={classes.look}>
            <span className={`${classes.value} num`}>{value ?? '…'}</span>
            <span className={classes.label}>{label}</span>
          </Link>
          <div className={classes.lines}>{children}</div>
        </>
      ) : (
        <p className={classes.error}>{explain(error).title}</p>
      )}
    </section>
  );
}
