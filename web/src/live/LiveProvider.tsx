import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { keys } from '../api/queries';
import type { Envelope } from './events';
import { type Connection, Stream } from './stream';

type Listener = (e: Envelope) => void;
type Live = { connection: Connection; subscribe: (l: Listener) => () => void; retryNow: () => void };

const Context = createContext<Live>({ connection: 'paused', subscribe: () => () => {}, retryNow: () => {} });

// What the pages show, and no more: workers' beats would fill the line.
const followed = new URLSearchParams(
  ['leak.>', 'rule.>', 'system.webhook.subscriptions_changed'].map((t) => ['topics', t]),
).toString();

const hiddenGrace = 60_000; // A tab in the background gives its connection back after this.

/** One live stream for the whole page; components subscribe to its events. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const listeners = useRef(new Set<Listener>());
  const [connection, setConnection] = useState<Connection>('connecting');
  const stream = useRef<Stream | null>(null);

  useEffect(() => {
    const s = new Stream(`/api/v1/stream?${followed}`, {
      onMessage: (m) => dispatch(listeners.current, m.data),
      onState: (state, resumed) => {
        setConnection(state);
        if (resumed) void client.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'me' });
      },
      onDenied: () => void client.invalidateQueries({ queryKey: keys.me }),
    });
    stream.current = s;
    s.open();
    const stopWatching = pauseWhenHidden(s);
    return () => {
      stopWatching();
      s.close();
    };
  }, [client]);

  const value = useMemo<Live>(
    () => ({
      connection,
      retryNow: () => stream.current?.retryNow(),
      subscribe: (l) => {
        listeners.current.add(l);
        return () => listeners.current.delete(l);
      },
    }),
    [connection],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

function dispatch(listeners: Set<Listener>, data: string): void {
  let event: Envelope;
  try {
    event = JSON.parse(data) as Envelope;
  } catch {
    return; // A malformed event is the server's fault; the next poll shows its effect.
  }
  for (const l of listeners) l(event);
}

// Browsers allow six HTTP/1.1 connections per server; tabs nobody looks at
// must not use them up.
function pauseWhenHidden(s: Stream): () => void {
  let timer: number | undefined;
  const onChange = () => {
    window.clearTimeout(timer);
    if (document.hidden) timer = window.setTimeout(() => s.close('paused'), hiddenGrace);
    else s.open();
  };
  document.addEventListener('visibilitychange', onChange);
  return () => {
    window.clearTimeout(timer);
    document.removeEventListener('visibilitychange', onChange);
  };
}

export const useConnection = () => useContext(Context);

/** Calls the listener for every live event while mounted. */
export function useLiveEvents(listener: Listener): void {
  const { subscribe } = useContext(Context);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => subscribe((e) => latest.current(e)), [subscribe]);
}
