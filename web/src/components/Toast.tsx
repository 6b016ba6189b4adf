import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react';
import classes from './Toast.module.css';

type Toast = { text: string; bad: boolean; undo?: () => void };
type Show = (text: string, bad?: boolean, undo?: () => void) => void;
const Context = createContext<Show>(() => {});

const long = 9_000; // ms, for what somebody has to read or may want to undo
const short = 4_000;

/** One line at the bottom that says what just happened, to screen readers too, and may offer to undo it. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<Toast | null>(null);
  const timer = useRef<number | undefined>(undefined);
  const wait = useCallback((ms: number) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setToast(null), ms);
  }, []);
  const show: Show = useCallback(
    (text, bad = false, undo) => {
      setToast({ text, bad, undo });
      wait(bad || undo !== undefined ? long : short);
    },
    [wait],
  );
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return (
    <Context.Provider value={show}>
      {children}
      <div className={classes.region}>
        <div role="status" aria-live="polite">
          {toast !== null && (
            <div className={classes.toast} data-bad={toast.bad || undefined}>
              {toast.text}
            </div>
          )}
        </div>
        {toast?.undo !== undefined && (
          <UndoButton
            undo={toast.undo}
            onAbout={() => window.clearTimeout(timer.current)}
            onLeft={() => wait(short)}
            onDone={() => setToast(null)}
          />
        )}
      </div>
    </Context.Provider>
  );
}

type UndoProps = { undo: () => void; onAbout: () => void; onLeft: () => void; onDone: () => void };

/** Whoever is about to press it is not hurried. */
function UndoButton({ undo, onAbout, onLeft, onDone }: UndoProps) {
  const press = () => {
    onDone();
    undo();
  };
  return (
    <button
      type="button"
      className={classes.undo}
      onClick={press}
      onPointerEnter={onAbout}
      onPointerLeave={onLeft}
      onFocus={onAbout}
      onBlur={onLeft}
    >
      Undo
    </button>
  );
}

export const useToast = () => useContext(Context);
