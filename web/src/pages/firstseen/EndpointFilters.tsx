import type { RefObject } from 'react';
import type { EgressEndpoint } from '../../api/types';
import { Choice, Filters } from '../../components/Filters';
import bar from '../../components/Filters.module.css';
import { type Named, NameInputs } from '../../components/NameInput';
import { readView, type View, writeView } from './filters';

type Props = {
  view: View;
  onChange: (v: View) => void;
  /** What is loaded: its names are offered. */
  rows: EgressEndpoint[];
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

const names: Named<EgressEndpoint, 'host' | 'program'>[] = [
  { key: 'host', name: 'Destination', max: 253, of: (r) => [r.host] },
  { key: 'program', name: 'Program', max: 512, of: (r) => [r.program] },
];

export function EndpointFilters({ view, onChange, rows, focus, open }: Props) {
  const set = (change: Partial<View>) => onChange({ ...view, ...change });
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <Choice
        name="State"
        className={bar.select}
        options={[
          { value: '', label: 'Waiting for review' },
          { value: 'reviewed', label: 'Reviewed' },
          { value: 'all', label: 'All' },
        ]}
        value={view.state}
        onChange={(value) => set({ state: readView(`?state=${value}`).state })}
      />
      <NameInputs names={names} view={view} rows={rows} focus={focus} onChange={set} />
    </Filters>
  );
}
