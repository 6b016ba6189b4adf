import type { RefObject } from 'react';
import type { DecisionFilter } from '../../api/egress';
import type { EgressDecision } from '../../api/types';
import { Choice, Filters } from '../../components/Filters';
import { NameInput, namesIn } from '../../components/NameInput';
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
      <Choice
        name="Verdict"
        className={classes.verdict}
        options={[
          { value: '', label: 'All verdicts' },
          { value: 'deny', label: 'Denied' },
          { value: 'allow', label: 'Allowed' },
        ]}
        value={filter.verdict}
        onChange={(value) => set({ verdict: readVerdict(value) })}
      />
      <NameInput
        maxLength={253}
        name="Destination"
        hint="Destination   /"
        focus={focus}
        value={filter.host}
        all={namesIn(rows, (r) => [r.host])}
        onCommit={(host) => set({ host: host || undefined })}
      />
      <NameInput
        maxLength={253}
        name="Program"
        value={filter.program}
        all={namesIn(rows, (r) => [r.exe])}
        onCommit={(program) => set({ program: program || undefined })}
      />
      <NameInput
        maxLength={253}
        name="Rule"
        value={filter.rule}
        all={namesIn(rows, (r) => [r.rule])}
        onCommit={(rule) => set({ rule: rule || undefined })}
      />
    </Filters>
  );
}

const readVerdict = (text: string): DecisionFilter['verdict'] =>
  text === 'allow' || text === 'deny' ? text : undefined;
