import type { RefObject } from 'react';
import type { EgressEndpoint } from '../../api/types';
import { Choice, Filters } from '../../components/Filters';
import bar from '../../components/Filters.module.css';
import { NameInput, namesIn } from '../../components/NameInput';
import { readView, type View, writeView } from './filters';

type Props = {
  view: View;
  onChange: (v: View) => void;
  /** What is loaded: its names are offered. */
  rows: EgressEndpoint[];
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

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
      <NameInput
        name="Destination"
        hint="Destination   /"
        maxLength={253}
        focus={focus}
        value={view.host}
        all={namesIn(rows, (r) => [r.host])}
        onCommit={(host) => set({ host: host || undefined })}
      />
      <NameInput
        name="Program"
        maxLength={512}
        value={view.program}
        all={namesIn(rows, (r) => [r.program])}
        onCommit={(program) => set({ program: program || undefined })}
      />
    </Filters>
  );
}
