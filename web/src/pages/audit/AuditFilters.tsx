import { TextInput } from '@mantine/core';
import { type RefObject, useId } from 'react';
import type { AuditRecord } from '../../api/types';
import { Filters } from '../../components/Filters';
import { type Named, NameInputs } from '../../components/NameInput';
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

const names: Named<AuditRecord, 'action' | 'actor' | 'target'>[] = [
  { key: 'action', name: 'Action', max: 128, of: (r) => [r.action, `${r.action.split('.')[0]}.*`] },
  { key: 'actor', name: 'Actor', max: 128, of: (r) => [r.actor.name] },
  { key: 'target', name: 'Target', max: 128, of: (r) => [r.target] },
];

export function AuditFilters({ view, onChange, rows, focus, open }: Props) {
  const set = (name: 'from' | 'to') => (text: string) => onChange({ ...view, [name]: text || undefined });
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <NameInputs
        names={names}
        view={view}
        rows={rows}
        focus={focus}
        onChange={(change) => onChange({ ...view, ...change })}
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
