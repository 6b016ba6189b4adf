import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react';
import classes from './Toast.module.css';

type Toast = { text: string; bad: boolean };
const Context = createContext<(text: string, bad?: boolean) => void>(() => {});

/** One line at the bottom that says what just happened, to screen readers too. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<Toast | null>(null);
  const timer = useRef<number | undefined>(undefined);
  const show = useCallback((text: string, bad = false) => {
    window.clearTimeout(timer.current);
    setToast({ text, bad });
    timer.current = window.setTimeout(() => setToast(null), bad ? 9_000 : 4_000);
  }, []);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return (
    <Context.Provider value={show}>
      {children}
      <div className={classes.region} role="status" aria-live="polite">
        {toast !== null && (
          <div className={classes.toast} data-bad={toast.bad || undefined}>
            {toast.text}
          </div>
        )}
      </div>
    </Context.Provider>
  );
}

export const useToast = () => useContext(Context);
