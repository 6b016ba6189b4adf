import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { matches, type Pages, prepend } from '../../api/cache';
import { type QuarantineFilter, quarantine } from '../../api/calls';
import { keys } from '../../api/queries';
import type { Quarantine } from '../../api/types';
import { type Envelope, type Quarantined, rowOf, topics } from '../../live/events';
import { useLiveEvents } from '../../live/LiveProvider';

const batch = 250; // ms; a burst is drawn at most four times a second
const mostWaiting = 1_000; // rows held back; beyond it the list is read anew
const mostAtHead = 2_000; // rows put before the first page, likewise
const glow = 1_700; // ms that a new row stands out

/**
 * Brings live rows into the list. While `hold` is set (the reader is further
 * down, or reads an entry) they wait, so that nothing moves under the eye.
 */
export function useArrivals(filter: QuarantineFilter, hold: boolean) {
  const client = useQueryClient();
  const [waiting, setWaiting] = useState<Quarantine[]>([]);
  const [fresh, setFresh] = useState<Set<string>>(new Set());
  const buffer = useRef<Quarantine[]>([]);
  const timer = useRef<number | undefined>(undefined);

  const show = useCallback(
    (rows: Quarantine[]) => {
      const head = client.getQueryData<Pages>(keys.list(filter))?.pages[0]?.items.length ?? 0;
      if (rows.length > mostWaiting || head + rows.length > mostAtHead) return void readAnew(client, filter);
      prepend(client, filter, rows);
      setFresh(new Set(rows.map((r) => r.id)));
    },
    [client, filter],
  );
  const drain = useCallback(() => {
    timer.current = undefined;
    const rows = buffer.current.filter((r) => matches(filter, r));
    buffer.current = [];
    if (rows.length === 0) return;
    if (hold) setWaiting((old) => [...rows, ...old].slice(0, mostWaiting + 1));
    else show(rows);
  }, [filter, hold, show]);
  const latest = useRef(drain);
  useEffect(() => {
    latest.current = drain;
  });

  useLiveEvents((e) => {
    if (e.topic !== topics.quarantined) return;
    buffer.current.unshift(rowOf(e as Envelope<Quarantined>));
    timer.current ??= window.setTimeout(() => latest.current(), batch);
  });
  useEffect(() => () => window.clearTimeout(timer.current), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter starts afresh
  useEffect(() => setWaiting([]), [filter]);
  useEffect(() => {
    if (fresh.size === 0) return;
    const t = window.setTimeout(() => setFresh(new Set()), glow);
    return () => window.clearTimeout(t);
  }, [fresh]);

  const release = useCallback(() => {
    if (waiting.length > 0) show(waiting);
    setWaiting([]);
  }, [show, waiting]);
  return { waiting: waiting.length, mostWaiting, fresh, release };
}

// A list that grew too long by itself becomes its first page again.
async function readAnew(client: QueryClient, filter: QuarantineFilter): Promise<void> {
  const page = await quarantine({ ...filter, limit: 100 }).catch(() => undefined);
  if (page !== undefined) client.setQueryData<Pages>(keys.list(filter), { pages: [page], pageParams: [undefined] });
  else void client.invalidateQueries({ queryKey: keys.list(filter) });
}
