import { NativeSelect } from '@mantine/core';
import type { RefObject } from 'react';
import type { Anomaly } from '../../api/types';
import { Filters, SeverityChips } from '../../components/Filters';
import bar from '../../components/Filters.module.css';
import { NameInput, namesIn } from '../../components/NameInput';
import { severities } from '../../components/Severity';
import { readView, toggleSeverity, type View, writeView } from './filters';
import { isKind, keyKinds, keyWordOf, kindsWith, wordOf } from './kinds';

type Props = {
  view: View;
  onChange: (v: View) => void;
  /** What is loaded: its keys are offered. */
  rows: Anomaly[];
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

export function AnomalyFilters({ view, onChange, rows, focus, open }: Props) {
  const set = (name: 'state' | 'kind' | 'by', value: string) =>
    onChange({ ...view, [name]: readView(`?${name}=${value}`)[name] });
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <NativeSelect
        size="xs"
        aria-label="State"
        className={bar.select}
        data={[
          { value: '', label: 'Going on and over' },
          { value: 'on', label: 'Going on' },
          { value: 'over', label: 'Over' },
        ]}
        value={view.state ?? ''}
        onChange={(e) => set('state', e.currentTarget.value)}
      />
      <NativeSelect
        size="xs"
        aria-label="Kind"
        className={bar.select}
        data={[
          { value: '', label: 'All kinds' },
          ...kindsWith([...rows.map((r) => r.kind), view.kind ?? ''])
            .filter(isKind)
            .map((k) => ({ value: k, label: wordOf(k) })),
        ]}
        value={view.kind ?? ''}
        onChange={(e) => set('kind', e.currentTarget.value)}
      />
      <NativeSelect
        size="xs"
        aria-label="Counted by"
        className={bar.select}
        data={[
          { value: '', label: 'Of anything' },
          ...keyKinds.map((k) => ({ value: k, label: `Of ${keyWordOf(k)}` })),
        ]}
        value={view.by ?? ''}
        onChange={(e) => set('by', e.currentTarget.value)}
      />
      <NameInput
        name="Address, network or user"
        hint="Address, user …   /"
        maxLength={256}
        focus={focus}
        value={view.key}
        all={namesIn(rows, (r) => [r.key])}
        onCommit={(key) => onChange({ ...view, key: key || undefined })}
      />
      <SeverityChips all={severities} on={view.severity ?? []} onToggle={(s) => onChange(toggleSeverity(view, s))} />
    </Filters>
  );
}
