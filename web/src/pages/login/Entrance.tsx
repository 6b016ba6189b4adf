import type { ReactNode } from 'react';
import { Wordmark } from '../../components/Logo';
import { usePageTitle } from '../../lib/usePageTitle';
import classes from './Entrance.module.css';

/** The frame of the pages outside: login and first-run setup. */
export function Entrance({ title, lead, children }: { title: string; lead: ReactNode; children: ReactNode }) {
  usePageTitle(title);
  return (
    <div className={classes.entrance}>
      <div className={classes.brand}>
        <Wordmark size={30} />
        <div className={classes.line} aria-hidden="true" />
        <p className={classes.claim}>A line around your services, watched from every side.</p>
      </div>
      <main className={classes.main}>
        <div className={classes.card}>
          <div className="tape" aria-hidden="true" />
          <div className={classes.body}>
            <h1 className={classes.title}>{title}</h1>
            <p className={classes.lead}>{lead}</p>
            {children}
          </div>
        </div>
      </main>
    </div>
  );
}

/** What went wrong with a form, said at once to screen readers. */
export function FormError({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className={children ? classes.error : undefined}>
      {children}
    </div>
  );
}
