import { ActionIcon, Checkbox, NativeSelect } from '@mantine/core';
import { Pause, Play } from 'lucide-react';
import { lazy, Suspense, useMemo } from 'react';
import type { DeckySession } from '../../api/types';
import { SkeletonRows } from '../../components/States';
import { useKeys } from '../../lib/useKeys';
import { Commands } from './Commands';
import classes from './Replay.module.css';
import { clock, framesUntil, placeOf, readRecord } from './record';
import { type Playback, usePlayback } from './usePlayback';

// The terminal is half as large as the rest of the dashboard, and few pages need it.
const Screen = lazy(() => import('./Screen'));

const speeds = [0.5, 1, 2, 4, 8];

/** Plays a recorded terminal; beside it are the commands, each leading to its moment. */
export function Player({ session, lines }: { session: DeckySession; lines: string[] }) {
  const recording = useMemo(() => readRecord(lines), [lines]);
  const playback = usePlayback(recording.frames);
  const onKey = commandFor(playback);
  useKeys(onKey, (run) => run());
  return (
    <div className={classes.split}>
      <section className={classes.player} aria-label="Player">
        <Suspense fallback={<SkeletonRows rows={10} />}>
          <Screen recording={recording} shown={framesUntil(recording.frames, playback.at)} />
        </Suspense>
        <Controls {...playback} />
        <p className={classes.keys}>
          <kbd>space</kbd> plays and stops, <kbd>←</kbd> <kbd>→</kbd> go five seconds, <kbd>&lt;</kbd> <kbd>&gt;</kbd>{' '}
          change the speed
        </p>
      </section>
      <Commands
        session={session.id}
        placeOf={(timestamp) => placeOf(recording, timestamp)}
        at={playback.at}
        onJump={playback.seek}
      />
    </div>
  );
}

/** What a key does to the playback. */
const commandFor = (p: Playback) => (key: string) => {
  const speed = (by: 1 | -1) => () => p.setSpeed(speeds[speeds.indexOf(p.speed) + by] ?? p.speed);
  const keys: Record<string, () => void> = {
    ' ': p.toggle,
    ArrowLeft: () => p.seek(p.at - 5),
    ArrowRight: () => p.seek(p.at + 5),
    Home: () => p.seek(0),
    End: () => p.seek(p.end),
    '<': speed(-1),
    '>': speed(1),
  };
  return keys[key] ?? null;
};

function Controls(p: Playback) {
  const verb = p.playing ? 'Stop' : 'Play';
  return (
    <div className={classes.controls}>
      <ActionIcon variant="filled" size="lg" aria-label={verb} title={verb} onClick={p.toggle}>
        {p.playing ? <Pause size={17} /> : <Play size={17} />}
      </ActionIcon>
      <input
        type="range"
        className={classes.seek}
        aria-label="Place in the record"
        aria-valuetext={`${clock(p.at)} of ${clock(p.end)}`}
        min={0}
        max={p.end}
        step="any"
        value={p.at}
        onChange={(e) => p.seek(Number(e.currentTarget.value))}
      />
      <span className={`${classes.clock} num`}>
        {clock(p.at)} / {clock(p.end)}
      </span>
      <NativeSelect
        size="xs"
        aria-label="Speed"
        data={speeds.map((s) => ({ value: String(s), label: `${s}×` }))}
        value={String(p.speed)}
        onChange={(e) => p.setSpeed(Number(e.currentTarget.value))}
      />
      <Checkbox
        size="xs"
        label="Short pauses"
        checked={p.skipPauses}
        onChange={(e) => p.setSkipPauses(e.currentTarget.checked)}
      />
    </div>
  );
}
