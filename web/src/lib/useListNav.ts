import { type RefObject, useEffect, useState } from 'react';
import { type ListCommand, listCommand } from './listKeys';
import { useKeys } from './useKeys';

type Options<T> = {
  rows: T[];
  idOf: (row: T) => string;
  openId: string | undefined;
  onOpen: (row: T) => void;
  onClose: () => void;
  filterInput: RefObject<HTMLInputElement | null>;
  /** A dialog is open: keys are its own. */
  blocked?: boolean;
  /** Keys of this page besides those of every list; says whether it took the key. */
  onKey?: (key: string, row: T | undefined) => boolean;
};

/** Which row of a list is chosen, and what the keys do with it. */
export function useListNav<T>({
  rows,
  idOf,
  openId,
  onOpen,
  onClose,
  filterInput,
  blocked = false,
  onKey,
}: Options<T>) {
  const [chosen, setChosen] = useState(openId);
  const [help, setHelp] = useState(false);
  const cursor = rows.findIndex((r) => idOf(r) === chosen);

  // The address decides, also when it changes by the browser's back button.
  useEffect(() => {
    if (openId !== undefined) setChosen(openId);
  }, [openId]);

  const choose = (row: T | undefined) => {
    if (row === undefined) return;
    setChosen(idOf(row));
    if (openId !== undefined) onOpen(row);
  };
  const view = { cursor, count: rows.length, open: openId !== undefined, help };
  useKeys<ListCommand | { do: 'own' }>(
    (key) => {
      if (blocked) return null;
      const own = () => (!help && onKey?.(key, rows[cursor]) ? ({ do: 'own' } as const) : null);
      return listCommand(key, view) ?? own();
    },
    (c) => {
      if (c.do === 'move') choose(rows[c.to]);
      if (c.do === 'open') onOpen(rows[cursor] as T);
      if (c.do === 'close') onClose();
      if (c.do === 'filter') filterInput.current?.focus();
      if (c.do === 'help' || c.do === 'closeHelp') setHelp(c.do === 'help');
    },
  );
  const position = cursor < 0 ? undefined : { nth: cursor + 1, of: rows.length };
  return { cursor, position, help, setHelp, step: (by: 1 | -1) => choose(rows[cursor + by]) };
}
