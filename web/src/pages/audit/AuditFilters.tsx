import { Autocomplete, TextInput } from '@mantine/core';
import { type RefObject, useId, useState } from 'react';
import type { AuditRecord } from '../../api/types';
import { Filters } from '../../components/Filters';
import classes from './Audit.module.css';
import { type AuditView, writeView } from './filters';

type Props = {
  view: AuditView;
  onChange: (v: AuditView) => void;
  /** What is loaded: its names are offered. */
  rows: AuditRecord[];
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

export function AuditFilters({ view, onChange, rows, focus, open }: Props) {
  const set = (name: keyof AuditView) => (text: string) => onChange({ ...view, [name]: text || undefined });
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <Choice name="Actor" value={view.actor} all={names(rows, (r) => [r.actor.name])} onCommit={set('actor')} />
      <Choice
        name="Action"
        hint="Action   /"
        value={view.action}
        all={names(rows, (r) => [r.action, `${r.action.split('.')[0]}.*`])}
        focus={focus}
        onCommit={set('action')}
      />
      <Choice name="Target" value={view.target} all={names(rows, (r) => [r.target])} onCommit={set('target')} />
      <Day name="From" value={view.from} max={view.to} onChange={set('from')} />
      <Day name="To" value={view.to} min={view.from} onChange={set('to')} />
    </Filters>
  );
}

const most = 200; // names offered

function names(rows: AuditRecord[], of: (r: AuditRecord) => string[]): string[] {
  return [...new Set(rows.flatMap(of))]
    .filter((n) => n !== '')
    .slice(0, most)
    .sort();
}

type ChoiceProps = {
  name: string;
  hint?: string;
  value: string | undefined;
  all: string[];
  focus?: RefObject<HTMLInputElement | null>;
  onCommit: (text: string) => void;
};

// Names are matched exactly, so the list is asked when one is chosen, not at every letter.
function Choice({ name, hint = name, value = '', all, focus, onCommit }: ChoiceProps) {
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
      className={classes.choice}
      data={all}
      value={text}
      maxLength={128}
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

type DayProps = { name: string; value?: string; min?: string; max?: string; onChange: (day: string) => void };

function Day({ name, value = '', min, max, onChange }: DayProps) {
  const id = useId();
  return (
    <div className={classes.day}>
      <label htmlFor={id}>{name}</label>
      <TextInput
        id={id}
        type="date"
        size="xs"
        value={value}
        min={min}
        max={max}
        onChange={(e) => onChange(e.currentTarget.value)}
      />
    </div>
  );
}
