import type { RefObject } from 'react';
import type { FindingFilter } from '../../api/calls';
import { Filters, RuleInput, SeverityChips, SourceSelect } from '../../components/Filters';
import { middle } from '../../lib/format';
import { plain } from '../../lib/text';
import classes from './Findings.module.css';
import { findingSeverities, toggleSeverity, writeFilter } from './filters';

type Props = {
  filter: FindingFilter;
  onChange: (f: FindingFilter) => void;
  rules: string[];
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

export function FindingFilters({ filter, onChange, rules, focus, open }: Props) {
  const set = (change: Partial<FindingFilter>) => onChange({ ...filter, ...change });
  return (
    <Filters open={open} onClear={writeFilter(filter) === '' ? undefined : () => onChange({})}>
      <RuleInput
        key={filter.rule}
        value={filter.rule ?? ''}
        rules={rules}
        focus={focus}
        onCommit={(r) => set({ rule: r || undefined })}
      />
      <SourceSelect value={filter.source ?? ''} onChange={(s) => set({ source: s || undefined })} />
      <SeverityChips
        all={findingSeverities}
        on={filter.severity ?? []}
        onToggle={(s) => onChange(toggleSeverity(filter, s))}
      />
      {filter.fingerprint !== undefined && (
        <span className={classes.sightings}>
          Sightings of one secret: <code>{plain(middle(filter.fingerprint, 16, 6))}</code>
        </span>
      )}
    </Filters>
  );
}
