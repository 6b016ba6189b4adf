import { NativeSelect } from '@mantine/core';
import { Filters, SeverityChips } from '../../components/Filters';
import { severities } from '../../components/Severity';
import { middle } from '../../lib/format';
import { plain } from '../../lib/text';
import { readView, toggleSeverity, type View, writeView } from './filters';
import classes from './Incidents.module.css';

type Props = { view: View; onChange: (v: View) => void; open: boolean };

export function IncidentFilters({ view, onChange, open }: Props) {
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <NativeSelect
        size="xs"
        aria-label="Queue"
        className={classes.queue}
        data={[
          { value: '', label: 'Open' },
          { value: 'review', label: 'Needs review' },
          { value: 'mine', label: 'Mine' },
          { value: 'snoozed', label: 'Snoozed' },
          { value: 'closed', label: 'Closed' },
          { value: 'all', label: 'All' },
        ]}
        value={view.queue ?? ''}
        onChange={(e) => {
          const { queue: _, ...rest } = view;
          onChange({ ...rest, ...readView(`?queue=${e.currentTarget.value}`) });
        }}
      />
      <SeverityChips all={severities} on={view.severity ?? []} onToggle={(s) => onChange(toggleSeverity(view, s))} />
      {view.fingerprint !== undefined && (
        <span className={classes.note}>
          Of one secret: <code>{plain(middle(view.fingerprint, 16, 6))}</code>
        </span>
      )}
      {view.address !== undefined && (
        <span className={classes.note}>
          Of one address: <code>{plain(view.address)}</code>
        </span>
      )}
    </Filters>
  );
}
