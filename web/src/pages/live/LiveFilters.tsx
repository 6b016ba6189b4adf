import type { RefObject } from 'react';
import { Filters, SeverityChips } from '../../components/Filters';
import { type Named, NameInputs } from '../../components/NameInput';
import type { Row } from './feed';
import { grades, type View, writeView } from './filters';

type Props = {
  view: View;
  onChange: (v: View) => void;
  /** What is shown: its names are offered. */
  rows: Row[];
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

const names: Named<Row, 'decky' | 'service'>[] = [
  { key: 'decky', name: 'Decky', max: 64, of: (r) => [r.decky] },
  { key: 'service', name: 'Service', max: 64, of: (r) => [r.service] },
];

export function LiveFilters({ view, onChange, rows, focus, open }: Props) {
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <NameInputs
        names={names}
        view={view}
        rows={rows}
        focus={focus}
        onChange={(change) => onChange({ ...view, ...change })}
      />
      <SeverityChips all={grades} on={view.severity ?? []} onChange={(severity) => onChange({ ...view, severity })} />
    </Filters>
  );
}
