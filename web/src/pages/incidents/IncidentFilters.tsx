import { Choice, Filters, OneSecret, SeverityChips } from '../../components/Filters';
import { severities } from '../../components/Severity';
import { plain } from '../../lib/text';
import { readView, type View, writeView } from './filters';
import classes from './Incidents.module.css';

type Props = { view: View; onChange: (v: View) => void; open: boolean };

export function IncidentFilters({ view, onChange, open }: Props) {
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <Choice
        name="Queue"
        className={classes.queue}
        options={[
          { value: '', label: 'Open' },
          { value: 'review', label: 'Needs review' },
          { value: 'mine', label: 'Mine' },
          { value: 'snoozed', label: 'Snoozed' },
          { value: 'closed', label: 'Closed' },
          { value: 'all', label: 'All' },
        ]}
        value={view.queue}
        onChange={(value) => {
          const { queue: _, ...rest } = view;
          onChange({ ...rest, ...readView(`?queue=${value}`) });
        }}
      />
      <Choice
        name="Order"
        className={classes.order}
        options={[
          { value: '', label: 'The gravest first' },
          { value: 'newest', label: 'The newest first' },
        ]}
        value={view.sort}
        onChange={(value) => {
          const { sort: _, ...rest } = view;
          onChange({ ...rest, ...readView(`?sort=${value}`) });
        }}
      />
      <SeverityChips
        all={severities}
        on={view.severity ?? []}
        onChange={(severity) => onChange({ ...view, severity })}
      />
      {view.fingerprint !== undefined && <OneSecret fingerprint={view.fingerprint} />}
      {view.address !== undefined && (
        <span className={classes.note}>
          Of one address: <code>{plain(view.address)}</code>
        </span>
      )}
    </Filters>
  );
}
