import { Checkbox } from '@mantine/core';
import type { RefObject } from 'react';
import type { DeckySession } from '../../api/types';
import { Filters } from '../../components/Filters';
import { PlaceInputs } from '../../components/PlaceInputs';
import { type View, writeView } from './filters';

type Props = {
  view: View;
  onChange: (v: View) => void;
  /** What is loaded: its names are offered. */
  rows: DeckySession[];
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

export function SessionFilters({ view, onChange, rows, focus, open }: Props) {
  const set = (change: Partial<View>) => onChange({ ...view, ...change });
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <PlaceInputs view={view} rows={rows} focus={focus} onChange={set} />
      <Checkbox
        size="xs"
        label="Recorded terminals only"
        checked={view.recorded === 'true'}
        onChange={(e) => set({ recorded: e.currentTarget.checked ? 'true' : undefined })}
      />
    </Filters>
  );
}
