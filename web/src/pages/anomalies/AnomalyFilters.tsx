import type { RefObject } from 'react';
import type { Anomaly } from '../../api/types';
import { Choice, Filters, SeverityChips } from '../../components/Filters';
import bar from '../../components/Filters.module.css';
import { NameInput, namesIn } from '../../components/NameInput';
import { severities } from '../../components/Severity';
import { readView, type View, writeView } from './filters';
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
      <Choice
        name="State"
        className={bar.select}
        options={[
          { value: '', label: 'Going on and over' },
          { value: 'on', label: 'Going on' },
          { value: 'over', label: 'Over' },
        ]}
        value={view.state}
        onChange={(value) => set('state', value)}
      />
      <Choice
        name="Kind"
        className={bar.select}
        options={[
          { value: '', label: 'All kinds' },
          ...kindsWith([...rows.map((r) => r.kind), view.kind ?? ''])
            .filter(isKind)
            .map((k) => ({ value: k, label: wordOf(k) })),
        ]}
        value={view.kind}
        onChange={(value) => set('kind', value)}
      />
      <Choice
        name="Counted by"
        className={bar.select}
        options={[
          { value: '', label: 'Of anything' },
          ...keyKinds.map((k) => ({ value: k, label: `Of ${keyWordOf(k)}` })),
        ]}
        value={view.by}
        onChange={(value) => set('by', value)}
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
      <SeverityChips
        all={severities}
        on={view.severity ?? []}
        onChange={(severity) => onChange({ ...view, severity })}
      />
    </Filters>
  );
}
