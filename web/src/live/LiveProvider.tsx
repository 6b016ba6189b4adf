import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { outOfDate } from '../api/gap';
import { keys } from '../api/queries';
import { addressOf, type Envelope } from './events';
import { type Connection, Stream } from './stream';

type Listener = (e: Envelope) => void;
type Live = {
  connection: Connection;
  subscribe: (l: Listener) => () => void;
  follow: (topic: string) => () => void;
  retryNow: () => void;
};

const nothing = () => () => {};
const Context = createContext<Live>({ connection: 'paused', subscribe: nothing, follow: nothing, retryNow: () => {} });

const hiddenGrace = 60_000; // A tab in the background gives its connection back after this.

/** One live stream for the whole page; components subscribe to its events. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const listeners = useRef(new Set<Listener>());
  const asked = useRef<string[]>([]); // a topic once for each who asked for it
  const [connection, setConnection] = useState<Connection>('connecting');
  const stream = useRef<Stream | null>(null);

  useEffect(() => {
    const s = new Stream(addressOf(asked.current), {
      onMessage: (m) => dispatch(listeners.current, m.data),
      onState: (state, resumed) => {
        setConnection(state);
        if (resumed) void client.invalidateQueries({ predicate: outOfDate });
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

  // The same for as long as the page is open: a change of connection subscribes nobody anew.
  const calls = useMemo<Omit<Live, 'connection'>>(
    () => ({
      retryNow: () => stream.current?.retryNow(),
      subscribe: (l) => {
        listeners.current.add(l);
        return () => listeners.current.delete(l);
      },
      follow: (topic) => {
        const change = (to: string[]) => {
          asked.current = to;
          stream.current?.follow(addressOf(to));
        };
        change([...asked.current, topic]);
        return () => change(asked.current.toSpliced(asked.current.indexOf(topic), 1));
      },
    }),
    [],
  );
  const value = useMemo<Live>(() => ({ connection, ...calls }), [connection, calls]);
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

/** Has the stream bring a topic, too, while mounted: one that no other page shows. */
export function useLiveTopic(topic: string): void {
  const { follow } = useContext(Context);
  useEffect(() => follow(topic), [follow, topic]);
}
