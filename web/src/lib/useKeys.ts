import { useEffect, useRef } from 'react';
import { belongsToPage } from './listKeys';

/** Runs what a key means, wherever on the page it is pressed, while mounted. */
export function useKeys<C>(command: (key: string) => C | null, run: (c: C) => void): void {
  const latest = useRef({ command, run });
  useEffect(() => {
    latest.current = { command, run };
  });
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (!belongsToPage(e)) return;
      const c = latest.current.command(e.key);
      if (c === null) return;
      e.preventDefault();
      latest.current.run(c);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
