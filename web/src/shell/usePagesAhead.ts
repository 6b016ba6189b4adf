import { useEffect } from 'react';
import { loadTheRest } from './page';

const quiet = 4_000; // ms after which what is shown has come, on most lines

/** Loads the other pages once the first one is there. */
export function usePagesAhead(): void {
  useEffect(() => {
    let gone = false;
    const timer = window.setTimeout(() => void loadTheRest(() => gone), quiet);
    return () => {
      gone = true;
      window.clearTimeout(timer);
    };
  }, []);
}
