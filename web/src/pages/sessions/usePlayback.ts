import { useEffect, useRef, useState } from 'react';
import { advance, type Frame, lengthOf } from './record';

export type Playback = {
  at: number;
  end: number;
  playing: boolean;
  speed: number;
  skipPauses: boolean;
  toggle: () => void;
  seek: (at: number) => void;
  setSpeed: (speed: number) => void;
  setSkipPauses: (skip: boolean) => void;
};

/** Where in a record the playback stands, and its buttons. It stands still at the end of what is loaded. */
export function usePlayback(frames: Frame[]): Playback {
  const [at, setAt] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [skipPauses, setSkipPauses] = useState(true);
  const end = lengthOf(frames);
  const stopped = at >= end;

  const latest = useRef({ frames, speed, skipPauses });
  useEffect(() => {
    latest.current = { frames, speed, skipPauses };
  });
  useEffect(() => {
    if (!playing || stopped) return;
    return everyFrame((seconds) => {
      const { frames, speed, skipPauses } = latest.current;
      setAt((now) => advance(frames, now, seconds * speed, skipPauses));
    });
  }, [playing, stopped]);

  const seek = (to: number) => setAt(Math.min(Math.max(0, to), end));
  const toggle = () => {
    if (stopped) setAt(0);
    setPlaying(stopped || !playing);
  };
  return { at, end, playing: playing && !stopped, speed, skipPauses, toggle, seek, setSpeed, setSkipPauses };
}

/** Calls run before each picture of the browser with the seconds since the last one. */
function everyFrame(run: (seconds: number) => void): () => void {
  let last = performance.now();
  const step = (now: number) => {
    run(Math.max(0, now - last) / 1000);
    last = now;
    handle = requestAnimationFrame(step);
  };
  let handle = requestAnimationFrame(step);
  return () => cancelAnimationFrame(handle);
}
