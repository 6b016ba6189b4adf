import { TextInput } from '@mantine/core';
import { type RefObject, useId } from 'react';
import type { AuditRecord } from '../../api/types';
import { Filters } from '../../components/Filters';
import { NameInput, namesIn } from '../../components/NameInput';
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
      <NameInput
        maxLength={128}
        name="Actor"
        value={view.actor}
        all={namesIn(rows, (r) => [r.actor.name])}
        onCommit={set('actor')}
      />
      <NameInput
        maxLength={128}
        name="Action"
        hint="Action   /"
        value={view.action}
        all={namesIn(rows, (r) => [r.action, `${r.action.split('.')[0]}.*`])}
        focus={focus}
        onCommit={set('action')}
      />
      <NameInput
        maxLength={128}
        name="Target"
        value={view.target}
        all={namesIn(rows, (r) => [r.target])}
        onCommit={set('target')}
      />
      <Day name="From" value={view.from} max={view.to} onChange={set('from')} />
      <Day name="To" value={view.to} min={view.from} onChange={set('to')} />
    </Filters>
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
