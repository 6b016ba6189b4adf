import { Button } from '@mantine/core';
import { FilterX, ShieldCheck } from 'lucide-react';
import type { QuarantineFilter } from '../../api/calls';
import { Snippet } from '../../components/Copy';
import { Notice } from '../../components/States';
import { isEmpty } from './filters';

export function EmptyList({ filter, onClear }: { filter: QuarantineFilter; onClear: () => void }) {
  if (!isEmpty(filter)) {
    return (
      <Notice
        icon={<FilterX size={26} />}
        title="No entry matches"
        action={
          <Button variant="default" onClick={onClear}>
            Clear the filter
          </Button>
        }
      >
        <p>There may be entries outside this filter. New ones that match it appear here by themselves.</p>
      </Notice>
    );
  }
  return (
    <Notice icon={<ShieldCheck size={26} />} title="Nothing in quarantine">
      <p>No secret was found in what Cordon has read so far. New ones appear here by themselves. To see one:</p>
      <Snippet label="CLI">cordon demo</Snippet>
    </Notice>
  );
}
