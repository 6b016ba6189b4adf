import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSessionLogs } from '../../api/deception';
import type { DeckyLog } from '../../api/types';
import { ListFooter } from '../../components/ListFooter';
import { Panel } from '../../components/Page';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import classes from './Replay.module.css';
import { clock } from './record';

type Props = {
  session: string;
  /** When in the record something was done, in seconds; null: that cannot be told. */
  placeOf: (timestamp: string) => number | null;
  at: number;
  onJump: (at: number) => void;
};

/** The commands of a session, oldest first: found by a word, and a way to their moment. */
export function Commands({ session, placeOf, at, onJump }: Props) {
  const query = useSessionLogs(session, 'command');
  const [word, setWord] = useState('');
  const all = query.data?.pages.flatMap((p) => p.items).reverse() ?? [];
  const found = all.filter((l) => l.summary.toLowerCase().includes(word.toLowerCase()));
  return (
    <Panel title="Commands">
      <TextInput
        size="xs"
        aria-label="Find a command"
        placeholder="Find a command"
        value={word}
        onChange={(e) => setWord(e.currentTarget.value)}
      />
      {query.isPending && <SkeletonRows rows={5} />}
      {query.isError && all.length === 0 && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      <ol className={classes.commands}>
        {found.map((l) => (
          <Command key={l.id} log={l} place={placeOf(l.timestamp)} at={at} onJump={onJump} />
        ))}
      </ol>
      {query.isSuccess && all.length === 0 && <p className={classes.note}>They gave none.</p>}
      {all.length > 0 && found.length === 0 && <p className={classes.note}>None has this word.</p>}
      {query.hasNextPage && <ListFooter shown={all.length} one="command" many="commands" query={query} />}
    </Panel>
  );
}

type CommandProps = { log: DeckyLog; place: number | null; at: number; onJump: (at: number) => void };

function Command({ log: l, place, at, onJump }: CommandProps) {
  return (
    <li>
      <button
        type="button"
        className={classes.command}
        data-past={(place !== null && place <= at) || undefined}
        disabled={place === null}
        onClick={() => place !== null && onJump(place)}
      >
        {place !== null && <span className={`${classes.clock} num`}>{clock(place)}</span>}
        <span className={classes.line}>
          <SafeText mono>{l.summary}</SafeText>
        </span>
      </button>
    </li>
  );
}
