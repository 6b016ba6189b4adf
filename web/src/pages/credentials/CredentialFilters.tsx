import type { RefObject } from 'react';
import type { Credential } from '../../api/types';
import { Choice, Filters, OneSecret } from '../../components/Filters';
import bar from '../../components/Filters.module.css';
import { PlaceInputs } from '../../components/PlaceInputs';
import { type View, writeView } from './filters';
import { kinds, wordOf } from './kinds';

type Props = {
  view: View;
  onChange: (v: View) => void;
  /** What is loaded: its names are offered. */
  rows: Credential[];
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

export function CredentialFilters({ view, onChange, rows, focus, open }: Props) {
  const set = (change: Partial<View>) => onChange({ ...view, ...change });
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <PlaceInputs view={view} rows={rows} focus={focus} onChange={set} />
      <Choice
        name="Kind"
        className={bar.select}
        options={[{ value: '', label: 'All kinds' }, ...kinds.map((k) => ({ value: k, label: wordOf(k) }))]}
        value={view.kind}
        onChange={(value) => set({ kind: value })}
      />
      {view.fingerprint && <OneSecret fingerprint={view.fingerprint} />}
    </Filters>
  );
}
