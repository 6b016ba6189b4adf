import { Autocomplete } from '@mantine/core';
import { type RefObject, useState } from 'react';
import classes from './Filters.module.css';

const most = 200; // names offered

/** The names that the loaded rows hold, to choose from. */
export function namesIn<T>(rows: T[], of: (row: T) => string[]): string[] {
  return [...new Set(rows.flatMap(of))]
    .filter((n) => n !== '')
    .slice(0, most)
    .sort();
}

type Props = {
  name: string;
  hint?: string;
  value?: string;
  all: string[];
  maxLength: number;
  focus?: RefObject<HTMLInputElement | null>;
  onCommit: (text: string) => void;
};

/**
 * Asks for a name. Names are matched exactly, so the list is asked when one is
 * chosen, not at every letter.
 */
export function NameInput({ name, hint = name, value = '', all, maxLength, focus, onCommit }: Props) {
  const [text, setText] = useState(value);
  const [committed, setCommitted] = useState(value);
  if (value !== committed) {
    setCommitted(value);
    setText(value);
  }
  const commit = (next: string) => next.trim() !== value && onCommit(next.trim());
  return (
    <Autocomplete
      ref={focus}
      size="xs"
      aria-label={name}
      placeholder={hint}
      className={classes.name}
      data={all}
      value={text}
      maxLength={maxLength}
      onChange={setText}
      onOptionSubmit={commit}
      onBlur={() => commit(text)}
      onKeyDown={(e) => {
        if (e.key === 'Enter') commit(text);
        if (e.key === 'Escape') e.currentTarget.blur();
      }}
    />
  );
}

/** What is asked for: the name of the filter, what it is called, how long it may be, and which names a row holds. */
export type Named<T, K extends string> = {
  key: K;
  name: string;
  hint?: string;
  max: number;
  of: (row: T) => string[];
};

type NamesProps<T, K extends string> = {
  names: readonly Named<T, K>[];
  view: Partial<Record<K, string>>;
  /** What is loaded: its names are offered. */
  rows: T[];
  focus: RefObject<HTMLInputElement | null>;
  onChange: (change: Partial<Record<K, string>>) => void;
};

/** Asks for several names; the key / leads to the first. */
export function NameInputs<T, K extends string>({ names, view, rows, focus, onChange }: NamesProps<T, K>) {
  return names.map(({ key, name, hint = name, max, of }, k) => (
    <NameInput
      key={key}
      name={name}
      hint={k === 0 ? `${hint}   /` : hint}
      maxLength={max}
      focus={k === 0 ? focus : undefined}
      value={view[key]}
      all={namesIn(rows, of)}
      onCommit={(text) => onChange({ [key]: text || undefined } as Partial<Record<K, string>>)}
    />
  ));
}
