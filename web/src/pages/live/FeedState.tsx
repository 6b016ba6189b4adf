import { Button } from '@mantine/core';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { CircleDot, Glasses, type LucideIcon, Pause, Unplug } from 'lucide-react';
import { count, plural } from '../../lib/format';
import { useConnection } from '../../live/LiveProvider';
import type { Connection } from '../../live/stream';
import { bound } from './feed';
import classes from './Live.module.css';

type State = 'live' | 'held' | 'paused' | 'cut';

const states: Record<State, { icon: LucideIcon; words: string }> = {
  live: { icon: CircleDot, words: 'As it happens' },
  held: { icon: Glasses, words: 'Waits while you read' },
  paused: { icon: Pause, words: 'Paused' },
  cut: { icon: Unplug, words: 'Cut off. What is missed comes later' },
};

/** Whether what is shown is what happens. */
export function FeedState({ paused, held }: { paused: boolean; held: boolean }) {
  const state = stateOf(useConnection().connection, paused, held);
  const { icon: Icon, words } = states[state];
  return (
    <span className={classes.state} data-state={state} role="status">
      <Icon size={14} aria-hidden="true" />
      {words}
    </span>
  );
}

function stateOf(connection: Connection, paused: boolean, held: boolean): State {
  if (connection === 'lost') return 'cut';
  if (paused) return 'paused';
  return held ? 'held' : 'live';
}

/** Says above the list how many rows wait, and shows them. */
export function FeedBar({ waiting, onShow }: { waiting: number; onShow: () => void }) {
  if (waiting === 0) return null;
  return (
    <button type="button" className={classes.bar} onClick={onShow}>
      {waiting >= bound ? `${count(bound)} or more wait` : `${plural(waiting, 'waits', 'wait')}`}: show the newest
    </button>
  );
}

/** The end of the list: what it holds, and where the rest is. */
export function FeedFooter({ shown, query }: { shown: number; query: UseInfiniteQueryResult }) {
  if (query.isError) {
    return (
      <div className={classes.footer}>
        What was before could not be loaded: {query.error?.message}
        <Button size="xs" variant="default" onClick={() => void query.refetch()}>
          Try again
        </Button>
      </div>
    );
  }
  return (
    <div className={classes.footer}>
      {shown >= bound
        ? `The newest ${count(bound)} events. Older ones are with their sessions.`
        : plural(shown, 'event')}
    </div>
  );
}
