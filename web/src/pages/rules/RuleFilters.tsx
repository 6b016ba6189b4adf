import { SegmentedControl } from '@mantine/core';
import type { RefObject } from 'react';
import type { Rule } from '../../api/types';
import { Choice, Filters, SearchInput, SeverityChips } from '../../components/Filters';
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
  return (
    <Filters open={open} onClear={writeFilter(filter) === '' ? undefined : () => onChange({ text: '', severity: [] })}>
      <SearchInput
        hint="Name, type, tag"
        value={filter.text}
        focus={focus}
        onChange={(text) => onChange({ ...filter, text })}
      />
      <SeverityChips
        all={findingSeverities}
        on={filter.severity}
        onChange={(severity) => onChange({ ...filter, severity })}
      />
      <SegmentedControl
        size="xs"
        aria-label="On or off"
        data={states}
        value={filter.active === undefined ? '' : String(filter.active)}
        onChange={(v) => onChange(without(filter, 'active', v === '' ? undefined : v === 'true'))}
      />
      <Known
        name="Origin"
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
      <Known
        name="Family"
        all="Any family"
        options={families}
        value={filter.family}
        onChange={(v) => onChange(without(filter, 'family', v || undefined))}
      />
      <Choice
        name="Order"
        className={classes.narrow}
        options={[
          { value: 'name', label: 'By name' },
          { value: 'severity', label: 'By severity' },
          { value: 'hits', label: 'By hits' },
        ]}
        value={sorting}
        onChange={(by) => onSort(by as Sorting)}
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

type KnownProps = {
  name: string;
  all: string;
  options: readonly string[];
  value: string | undefined;
  onChange: (v: string) => void;
};

// A link may name what no rule has any more: it stays to be seen.
function Known({ all, options, value = '', ...rest }: KnownProps) {
  const known = value === '' || options.includes(value) ? options : [...options, value];
  return <Choice {...rest} className={classes.narrow} options={[{ value: '', label: all }, ...known]} value={value} />;
}
