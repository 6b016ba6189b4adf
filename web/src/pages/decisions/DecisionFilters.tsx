import type { RefObject } from 'react';
import type { DecisionFilter } from '../../api/egress';
import type { EgressDecision } from '../../api/types';
import { Choice, Filters } from '../../components/Filters';
import { type Named, NameInputs } from '../../components/NameInput';
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

const names: Named<EgressDecision, 'host' | 'program' | 'rule'>[] = [
  { key: 'host', name: 'Destination', max: 253, of: (r) => [r.host] },
  { key: 'program', name: 'Program', max: 253, of: (r) => [r.exe] },
  { key: 'rule', name: 'Rule', max: 253, of: (r) => [r.rule] },
];

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
      <NameInputs names={names} view={filter} rows={rows} focus={focus} onChange={set} />
    </Filters>
  );
}

const readVerdict = (text: string): DecisionFilter['verdict'] =>
  text === 'allow' || text === 'deny' ? text : undefined;
