import { Button } from '@mantine/core';
import { Eye, EyeOff } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { ReasonDialog } from './ReasonDialog';
import classes from './Reveal.module.css';

/** How long evidence stays on a screen that somebody may have left, in ms. */
const shownFor = 5 * 60_000;

type Props<T> = {
  /** On the button, and over the dialog. */
  title: string;
  /** What will be shown. */
  what: ReactNode;
  compact?: boolean;
  read: (reason: string) => Promise<T>;
  children: (value: T) => ReactNode;
};

type State<T> = 'sealed' | 'asked' | { value: T };

/**
 * Shows evidence once its reader has said why. Nothing else holds it: no query asks for it, and the dialog's mutation
 * is given nothing to keep. It is gone with this component, by the button, and after a while.
 */
export function Reveal<T>({ title, what, compact = false, read, children }: Props<T>) {
  const [state, setState] = useState<State<T>>('sealed');
  const shown = typeof state === 'object';
  useEffect(() => {
    if (!shown) return;
    const timer = window.setTimeout(() => setState('sealed'), shownFor);
    return () => window.clearTimeout(timer);
  }, [shown]);
  const run = async (reason: string) => {
    const value = await read(reason);
    setState((now) => (now === 'asked' ? { value } : now)); // whoever cancelled meanwhile sees nothing
  };
  return (
    <div className={classes.reveal}>
      <Button
        size={compact ? 'compact-xs' : 'xs'}
        variant="default"
        leftSection={shown ? <EyeOff size={14} /> : <Eye size={14} />}
        aria-expanded={shown}
        onClick={() => setState(shown ? 'sealed' : 'asked')}
      >
        {shown ? 'Hide' : `${title}…`}
      </Button>
      {state === 'asked' && (
        <ReasonDialog
          title={title}
          verb="Show"
          most={500}
          run={run}
          onClose={() => setState((now) => (now === 'asked' ? 'sealed' : now))}
        >
          {what}
          <p className={classes.note}>It is shown on this screen only. The audit log will say that you looked.</p>
        </ReasonDialog>
      )}
      {shown && (
        <section className={classes.shown} aria-label="Evidence">
          {children(state.value)}
          <p className={classes.note}>The audit log says that you looked. It is hidden again after five minutes.</p>
        </section>
      )}
    </div>
  );
}
