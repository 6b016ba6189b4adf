import { SegmentedControl } from '@mantine/core';
import type { RefObject } from 'react';
import type { QuarantineFilter } from '../../api/calls';
import { Filters, RuleInput, SeverityChips, SourceSelect } from '../../components/Filters';
import { severities } from '../../components/Severity';
import { isEmpty } from './filters';

type Props = {
  filter: QuarantineFilter;
  onChange: (f: QuarantineFilter) => void;
  rules: string[];
  focus: RefObject<HTMLInputElement | null>;
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
    <Filters open={entryOpen} onClear={isEmpty(filter) ? undefined : () => onChange({})}>
      <RuleInput
        key={filter.rule}
        value={filter.rule ?? ''}
        rules={rules}
        focus={focus}
        onCommit={(r) => set({ rule: r || undefined })}
      />
      <SourceSelect value={filter.source ?? ''} onChange={(s) => set({ source: s || undefined })} />
      <SeverityChips all={severities} on={filter.severity ?? []} onChange={(severity) => set({ severity })} />
      <SegmentedControl
        size="xs"
        aria-label="Review state"
        data={reviewed}
        value={filter.reviewed === undefined ? '' : String(filter.reviewed)}
        onChange={(v) => set({ reviewed: v === '' ? undefined : v === 'true' })}
      />
    </Filters>
  );
}
