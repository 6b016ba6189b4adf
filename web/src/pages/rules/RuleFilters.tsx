import { NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import type { RefObject } from 'react';
import type { Rule } from '../../api/types';
import { Filters, SeverityChips } from '../../components/Filters';
import { findingSeverities } from '../findings/filters';
import { origins, type RuleFilter, type Sorting, writeFilter } from './filters';
import classes from './Rules.module.css';

type Props = {
  rules: Rule[];
  filter: RuleFilter;
  onChange: (f: RuleFilter) => void;
  sorting: Sorting;
  onSort: (s: Sorting) => void;
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

const states = [
  { value: '', label: 'All' },
  { value: 'true', label: 'On' },
  { value: 'false', label: 'Off' },
];

export function RuleFilters({ rules, filter, onChange, sorting, onSort, focus, open }: Props) {
  const families = [...new Set(rules.map((r) => r.family))].filter(Boolean).sort();
  const toggle = (s: Rule['severity']) =>
    onChange({ ...filter, severity: findingSeverities.filter((x) => (x === s) !== filter.severity.includes(x)) });
  return (
    <Filters open={open} onClear={writeFilter(filter) === '' ? undefined : () => onChange({ text: '', severity: [] })}>
      <TextInput
        ref={focus}
        size="xs"
        aria-label="Text"
        placeholder="Name, type, tag   /"
        className={classes.search}
        maxLength={128}
        value={filter.text}
        onChange={(e) => onChange({ ...filter, text: e.currentTarget.value })}
        onKeyDown={(e) => (e.key === 'Escape' || e.key === 'Enter') && e.currentTarget.blur()}
      />
      <SeverityChips all={findingSeverities} on={filter.severity} onToggle={toggle} />
      <SegmentedControl
        size="xs"
        aria-label="On or off"
        data={states}
        value={filter.active === undefined ? '' : String(filter.active)}
        onChange={(v) => onChange(without(filter, 'active', v === '' ? undefined : v === 'true'))}
      />
      <Choice
        label="Origin"
        all="Any origin"
        options={origins}
        value={filter.origin}
        onChange={(v) =>
          onChange(
            without(
              filter,
              'origin',
              origins.find((o) => o === v),
            ),
          )
        }
      />
      <Choice
        label="Family"
        all="Any family"
        options={families}
        value={filter.family}
        onChange={(v) => onChange(without(filter, 'family', v || undefined))}
      />
      <NativeSelect
        size="xs"
        aria-label="Order"
        className={classes.narrow}
        data={[
          { value: 'name', label: 'By name' },
          { value: 'severity', label: 'By severity' },
          { value: 'hits', label: 'By hits' },
        ]}
        value={sorting}
        onChange={(e) => onSort(e.currentTarget.value as Sorting)}
      />
    </Filters>
  );
}

// An absent key, not an undefined one, as readFilter makes them.
function without<K extends 'active' | 'origin' | 'family'>(f: RuleFilter, key: K, value: RuleFilter[K]): RuleFilter {
  const next: RuleFilter = { ...f, [key]: value };
  if (value === undefined) delete next[key];
  return next;
}

type ChoiceProps = {
  label: string;
  all: string;
  options: readonly string[];
  value: string | undefined;
  onChange: (v: string) => void;
};

function Choice({ label, all, options, value = '', onChange }: ChoiceProps) {
  const known = value === '' || options.includes(value) ? options : [...options, value];
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      className={classes.narrow}
      data={[{ value: '', label: all }, ...known.map((o) => ({ value: o, label: o }))]}
      value={value}
      onChange={(e) => onChange(e.currentTarget.value)}
    />
  );
}
