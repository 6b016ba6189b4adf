import type { RefObject } from 'react';
import { Filters, SeverityChips } from '../../components/Filters';
import { NameInput, namesIn } from '../../components/NameInput';
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

export function LiveFilters({ view, onChange, rows, focus, open }: Props) {
  const name = (key: 'decky' | 'service', value: string) => onChange({ ...view, [key]: value || undefined });
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <NameInput
        name="Decky"
        hint="Decky   /"
        maxLength={64}
        focus={focus}
        value={view.decky}
        all={namesIn(rows, (r) => [r.decky])}
        onCommit={(decky) => name('decky', decky)}
      />
      <NameInput
        name="Service"
        maxLength={64}
        value={view.service}
        all={namesIn(rows, (r) => [r.service])}
        onCommit={(service) => name('service', service)}
      />
      <SeverityChips all={grades} on={view.severity ?? []} onChange={(severity) => onChange({ ...view, severity })} />
    </Filters>
  );
}
