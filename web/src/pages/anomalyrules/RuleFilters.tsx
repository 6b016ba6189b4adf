import { SegmentedControl } from '@mantine/core';
import type { RefObject } from 'react';
import { Choice, Filters, SearchInput, SeverityChips } from '../../components/Filters';
import { severities } from '../../components/Severity';
import rules from '../rules/Rules.module.css';
import { noFilter, origins, type RuleFilter, ruleStates, writeFilter } from './filters';

type Props = {
  filter: RuleFilter;
  onChange: (f: RuleFilter) => void;
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

const states = [
  { value: '', label: 'All' },
  { value: 'on', label: 'On' },
  { value: 'off', label: 'Off' },
  { value: 'problem', label: 'Problem' },
];

const froms = [
  { value: '', label: 'Any origin' },
  { value: 'file', label: 'from files' },
  { value: 'custom', label: 'made here' },
];

export function RuleFilters({ filter, onChange, focus, open }: Props) {
  const { state, origin, ...rest } = filter;
  return (
    <Filters open={open} onClear={writeFilter(filter) === '' ? undefined : () => onChange(noFilter)}>
      <SearchInput
        hint="Name, kind, condition"
        value={filter.text}
        focus={focus}
        onChange={(text) => onChange({ ...filter, text })}
      />
      <SeverityChips all={severities} on={filter.severity} onChange={(severity) => onChange({ ...filter, severity })} />
      <SegmentedControl
        size="xs"
        aria-label="State"
        data={states}
        value={state ?? ''}
        onChange={(v) => {
          const to = ruleStates.find((s) => s === v);
          onChange({ ...rest, ...(origin && { origin }), ...(to && { state: to }) });
        }}
      />
      <Choice
        name="Origin"
        className={rules.narrow}
        options={froms}
        value={origin}
        onChange={(value) => {
          const to = origins.find((o) => o === value);
          onChange({ ...rest, ...(state && { state }), ...(to && { origin: to }) });
        }}
      />
    </Filters>
  );
}
