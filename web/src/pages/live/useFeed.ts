import { useEffect, useMemo, useRef, useState } from 'react';
import { useFeedStart } from '../../api/feed';
import { useConnection, useLiveEvents, useLiveTopic } from '../../live/LiveProvider';
import { bound, fits, merge, newIn, type Row, rowOf, rowsOf } from './feed';
import { type View, writeView } from './filters';

const batch = 250; // ms; a burst is drawn at most four times a second
const glow = 1_700; // ms that a new row stands out

/**
 * What is done on deckies: what is on record, then what the stream brings. While
 * `hold` is set, the rows stand still, and `waiting` says how many there are more.
 */
export function useFeed(view: View, hold: boolean) {
  useLiveTopic('decky.*.traffic');
  const key = writeView(view);
  // What the stream brings begins before what is asked for ends: nothing falls between the two.
  const begun = useConnection().connection !== 'connecting';
  const query = useFeedStart({ decky: view.decky, service: view.service }, key, begun);
  const { rows: arrived, fresh } = useArrived(view, key);
  const start = query.data?.pages[0];
  const all = useMemo(() => {
    const first = start === undefined ? [] : rowsOf(start).filter((r) => fits(view, r));
    return merge(first, arrived);
  }, [start, arrived, view]);
  const ready = !query.isPending;
  const rows = useHeld(ready ? all : none, hold && ready, key);
  return { query, rows, fresh, waiting: rows === all ? 0 : newIn(rows, ready ? all : none) };
}

const none: Row[] = [];

/** The rows as they were when they began to be held; another view is held anew. */
function useHeld(rows: Row[], hold: boolean, key: string): Row[] {
  const [held, setHeld] = useState<{ key: string; rows: Row[] }>();
  if (hold && held?.key !== key) setHeld({ key, rows });
  if (!hold && held !== undefined) setHeld(undefined);
  return hold && held?.key === key ? held.rows : rows;
}

type Arrived = { key: string; rows: Row[]; fresh: Set<string> };

/** What the stream brought since the view was chosen. */
function useArrived(view: View, key: string): Omit<Arrived, 'key'> {
  const [arrived, setArrived] = useState<Arrived>(() => nothing(key));
  const buffer = useRef<Row[]>([]);
  const timer = useRef<number | undefined>(undefined);
  const drain = () => {
    timer.current = undefined;
    const rows = merge(buffer.current, []).filter((r) => fits(view, r));
    buffer.current = [];
    const fresh = new Set(rows.map((r) => r.id));
    setArrived((old) => ({ key, rows: merge(old.key === key ? old.rows : none, rows), fresh }));
  };
  const latest = useRef(drain);
  useEffect(() => {
    latest.current = drain;
  });

  useLiveEvents((e) => {
    const row = rowOf(e);
    if (row === null || !fits(view, row)) return;
    buffer.current.push(row);
    // The timers of a page that nobody looks at are slow; the buffer must not grow meanwhile.
    if (buffer.current.length >= 4 * bound) buffer.current = merge(buffer.current, []);
    timer.current ??= window.setTimeout(() => latest.current(), batch);
  });
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useEffect(() => {
    if (arrived.fresh.size === 0) return;
    const t = window.setTimeout(() => setArrived((old) => ({ ...old, fresh: new Set() })), glow);
    return () => window.clearTimeout(t);
  }, [arrived.fresh]);
  return arrived.key === key ? arrived : nothing(key);
}

const nothing = (key: string): Arrived => ({ key, rows: none, fresh: new Set() });
