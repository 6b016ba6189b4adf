import { Autocomplete, Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { X } from 'lucide-react';
import { type RefObject, useState } from 'react';
import type { QuarantineFilter } from '../../api/calls';
import { useSources } from '../../api/queries';
import { SeverityMark, severities } from '../../components/Severity';
import { isEmpty, toggleSeverity } from './filters';
import classes from './Quarantine.module.css';

type Props = {
  filter: QuarantineFilter;
  onChange: (f: QuarantineFilter) => void;
  rules: string[];
  focus: RefObject<HTMLInputElement | null>;
  /** An entry is open: on narrow screens it takes the filter's place. */
  entryOpen: boolean;
};

const reviewed = [
  { value: '', label: 'All' },
  { value: 'false', label: 'To review' },
  { value: 'true', label: 'Reviewed' },
];

export function FilterBar({ filter, onChange, rules, focus, entryOpen }: Props) {
  const set = (change: Partial<QuarantineFilter>) => onChange({ ...filter, ...change });
  return (
    <search className={classes.filters} data-open={entryOpen || undefined} aria-label="Filter the list">
      <RuleInput
        key={filter.rule}
        value={filter.rule ?? ''}
        rules={rules}
        focus={focus}
        onCommit={(r) => set({ rule: r || undefined })}
      />
      <SourceSelect value={filter.source ?? ''} onChange={(s) => set({ source: s || undefined })} />
      <fieldset className={classes.chips}>
        <legend className="sr-only">Severity</legend>
        {severities.map((s) => (
          <button
            key={s}
            type="button"
            className={classes.chip}
            aria-pressed={filter.severity?.includes(s) ?? false}
            onClick={() => onChange(toggleSeverity(filter, s))}
          >
            <SeverityMark severity={s} size={11} />
            {s}
          </button>
        ))}
      </fieldset>
      <SegmentedControl
        size="xs"
        aria-label="Review state"
        data={reviewed}
        value={filter.reviewed === undefined ? '' : String(filter.reviewed)}
        onChange={(v) => set({ reviewed: v === '' ? undefined : v === 'true' })}
      />
      {!isEmpty(filter) && (
        <Button size="xs" variant="subtle" color="gray" leftSection={<X size={13} />} onClick={() => onChange({})}>
          Clear
        </Button>
      )}
    </search>
  );
}

type RuleProps = {
  value: string;
  rules: string[];
  focus: RefObject<HTMLInputElement | null>;
  onCommit: (r: string) => void;
};

// Rule ids are matched exactly, so the list is asked when a choice is made,
// not at every letter.
function RuleInput({ value, rules, focus, onCommit }: RuleProps) {
  const [text, setText] = useState(value);
  const commit = (next: string) => next.trim() !== value && onCommit(next.trim());
  return (
    <Autocomplete
      ref={focus}
      size="xs"
      aria-label="Rule"
      placeholder="Rule id   /"
      className={classes.rule}
      data={rules}
      value={text}
      onChange={setText}
      onOptionSubmit={commit}
      onBlur={() => commit(text)}
      onKeyDown={(e) => {
        if (e.key === 'Enter') commit(text);
        if (e.key === 'Escape') e.currentTarget.blur();
      }}
    />
  );
}

function SourceSelect({ value, onChange }: { value: string; onChange: (s: string) => void }) {
  const known = useSources().data?.items.map((s) => s.id) ?? [];
  const all = [...new Set([...known, ...(value === '' ? [] : [value])])];
  return (
    <NativeSelect
      size="xs"
      aria-label="Source"
      className={classes.source}
      data={[{ value: '', label: 'All sources' }, ...all.map((id) => ({ value: id, label: id }))]}
      value={value}
      onChange={(e) => onChange(e.currentTarget.value)}
    />
  );
}
