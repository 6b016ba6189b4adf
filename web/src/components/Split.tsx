import { ActionIcon } from '@mantine/core';
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import classes from './Split.module.css';

/** A list, and beside it what is open; on narrow screens the open one takes the list's place. */
export function Split({ open, children }: { open: boolean; children: ReactNode }) {
  return (
    <div className={classes.split} data-open={open || undefined}>
      {children}
    </div>
  );
}

export function ListSide({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section className={classes.list} aria-label={label}>
      {children}
    </section>
  );
}

/** Where in the list the open one stands; `more` says that the list goes on beyond what is loaded. */
export type Position = { nth: number; of: number; more?: boolean };

type Props = {
  label: string;
  title: ReactNode;
  noun: string;
  position?: Position;
  onStep?: (by: 1 | -1) => void;
  onClose: () => void;
  children: ReactNode;
};

/** What is open, beside the list. It does not block the page: the keys keep working. */
export function SidePane({ label, title, noun, position: at, onStep, onClose, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <aside className={classes.side} aria-label={label}>
      <header className={classes.head}>
        <h2 ref={heading} tabIndex={-1} className={classes.title}>
          {title}
        </h2>
        {at !== undefined && (
          <span className={`${classes.position} num`}>
            {at.nth} of {at.of}
            {at.more && '+'}
          </span>
        )}
        {onStep !== undefined && (
          <>
            <Step
              label={`Previous ${noun} (k)`}
              onClick={() => onStep(-1)}
              off={at === undefined || at.nth === 1}
              icon={<ChevronUp size={17} />}
            />
            <Step
              label={`Next ${noun} (j)`}
              onClick={() => onStep(1)}
              off={at === undefined || at.nth === at.of}
              icon={<ChevronDown size={17} />}
            />
          </>
        )}
        <Step label="Close (Esc)" onClick={onClose} icon={<X size={17} />} />
      </header>
      <div className={classes.body}>{children}</div>
    </aside>
  );
}

function Step(p: { label: string; onClick: () => void; off?: boolean; icon: ReactNode }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={p.label} title={p.label} onClick={p.onClick} disabled={p.off}>
      {p.icon}
    </ActionIcon>
  );
}
