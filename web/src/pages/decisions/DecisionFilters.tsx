import { Autocomplete, NativeSelect } from '@mantine/core';
import { type RefObject, useState } from 'react';
import type { DecisionFilter } from '../../api/egress';
import type { EgressDecision } from '../../api/types';
import { Filters } from '../../components/Filters';
import classes from './Decisions.module.css';
import { writeFilter } from './filters';

type Props = {
  filter: DecisionFilter;
  onChange: (f: DecisionFilter) => void;
  /** What is loaded: its names are offered. */
  rows: EgressDecision[];
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

export function DecisionFilters({ filter, onChange, rows, focus, open }: Props) {
  const set = (change: Partial<DecisionFilter>) => onChange({ ...filter, ...change });
  return (
    <Filters open={open} onClear={writeFilter(filter) === '' ? undefined : () => onChange({})}>
      <NativeSelect
        size="xs"
        aria-label="Verdict"
        className={classes.verdict}
        data={[
          { value: '', label: 'All verdicts' },
          { value: 'deny', label: 'Denied' },
          { value: 'allow', label: 'Allowed' },
        ]}
        value={filter.verdict ?? ''}
        onChange={(e) => set({ verdict: readVerdict(e.currentTarget.value) })}
      />
      <Name
        name="Destination"
        hint="Destination   /"
        focus={focus}
        value={filter.host}
        all={names(rows, (r) => r.host)}
        onCommit={(host) => set({ host: host || undefined })}
      />
      <Name
        name="Program"
        value={filter.program}
        all={names(rows, (r) => r.exe)}
        onCommit={(program) => set({ program: program || undefined })}
      />
      <Name
        name="Rule"
        value={filter.rule}
        all={names(rows, (r) => r.rule)}
        onCommit={(rule) => set({ rule: rule || undefined })}
      />
    </Filters>
  );
}

const readVerdict = (text: string): DecisionFilter['verdict'] =>
  text === 'allow' || text === 'deny' ? text : undefined;

const most = 200; // names offered

function names(rows: EgressDecision[], of: (r: EgressDecision) => string): string[] {
  return [...new Set(rows.map(of))]
    .filter((n) => n !== '')
    .slice(0, most)
    .sort();
}

type NameProps = {
  name: string;
  hint?: string;
  value?: string;
  all: string[];
  focus?: RefObject<HTMLInputElement | null>;
  onCommit: (text: string) => void;
};

// Names are matched exactly, so the list is asked when one is chosen, not at every letter.
function Name({ name, hint = name, value = '', all, focus, onCommit }: NameProps) {
  const [text, setText] = useState(value);
  const [committed, setCommitted] = useState(value);
  if (value !== committed) {
    setCommitted(value);
    setText(value);
  }
  const commit = (next: string) => next.trim() !== value && onCommit(next.trim());
  return (
    <Autocomplete
      ref={focus}
      size="xs"
      aria-label={name}
      placeholder={hint}
      className={classes.name}
      data={all}
      value={text}
      maxLength={253}
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
