import type { RefObject } from 'react';
import type { FindingFilter } from '../../api/calls';
import { Filters, OneSecret, RuleInput, SeverityChips, SourceSelect } from '../../components/Filters';
import { findingSeverities, writeFilter } from './filters';

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
      <SeverityChips all={findingSeverities} on={filter.severity ?? []} onChange={(severity) => set({ severity })} />
      {filter.fingerprint !== undefined && <OneSecret fingerprint={filter.fingerprint} />}
    </Filters>
  );
}
