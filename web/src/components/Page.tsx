import type { ReactNode } from 'react';
import { usePageTitle } from '../lib/usePageTitle';
import classes from './Page.module.css';

type Props = { title: string; lead?: ReactNode; actions?: ReactNode; fill?: boolean; children: ReactNode };

/** The frame of a page: its one h1, what it is for, and its content. */
export function Page({ title, lead, actions, fill = false, children }: Props) {
  usePageTitle(title);
  return (
    <div className={fill ? classes.fill : classes.page}>
      <header className={classes.header}>
        <div>
          <h1 className={classes.title}>{title}</h1>
          {lead !== undefined && <p className={classes.lead}>{lead}</p>}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type PanelProps = { title?: string; aside?: ReactNode; children: ReactNode; flush?: boolean };

export function Panel({ title, aside, children, flush = false }: PanelProps) {
  return (
    <section className={classes.panel} aria-label={title}>
      {title !== undefined && (
        <header className={classes.panelHead}>
          <h2>{title}</h2>
          {aside}
        </header>
      )}
      <div className={flush ? undefined : classes.panelBody}>{children}</div>
    </section>
  );
}
