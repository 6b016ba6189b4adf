import { useEffect, useRef } from 'react';
import { belongsToPage, type Command, command, type View } from './triage';

/** Listens to the keys of triage on the whole page, while it is shown. */
export function useTriageKeys(view: View, run: (c: Command) => void): void {
  const latest = useRef({ view, run });
  useEffect(() => {
    latest.current = { view, run };
  });
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (!belongsToPage(e)) return;
      const c = command(e.key, latest.current.view);
      if (c === null) return;
      e.preventDefault();
      latest.current.run(c);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
