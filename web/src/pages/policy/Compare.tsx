import { Button, NativeSelect } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useCheck, useVersion } from '../../api/egress';
import { useMe } from '../../api/queries';
import type { EgressVersion } from '../../api/types';
import { EgressError } from '../../components/EgressOff';
import { SkeletonRows } from '../../components/States';
import { includes } from '../../lib/roles';
import { Diff } from './Diff';
import classes from './Policy.module.css';

export type Pair = { from: number; to: number };

/** Chooses two versions. */
export function ComparePicker({ versions, onCompare }: { versions: EgressVersion[]; onCompare: (pair: Pair) => void }) {
  const numbers = versions.map((v) => String(v.version));
  const [from, setFrom] = useState<string | undefined>(undefined);
  const [to, setTo] = useState<string | undefined>(undefined);
  const [a, b] = [from ?? numbers[1] ?? '', to ?? numbers[0] ?? ''];
  const submit = (e: FormEvent) => {
    e.preventDefault();
    onCompare({ from: Number(a), to: Number(b) });
  };
  return (
    <form className={classes.picker} onSubmit={submit}>
      <NativeSelect size="xs" label="From" data={numbers} value={a} onChange={(e) => setFrom(e.currentTarget.value)} />
      <NativeSelect size="xs" label="To" data={numbers} value={b} onChange={(e) => setTo(e.currentTarget.value)} />
      <Button type="submit" size="xs" variant="default" disabled={a === b}>
        Compare
      </Button>
    </form>
  );
}

/** What changed between two versions. */
export function Compare({ pair, onBack }: { pair: Pair; onBack: () => void }) {
  const before = useVersion(pair.from);
  const after = useVersion(pair.to);
  const reviewer = includes(useMe().data?.role, 'reviewer');
  const check = useCheck(after.data?.document ?? '', pair.from, reviewer && after.data !== undefined);
  const failed = [before, after].find((v) => v.isError);
  if (failed !== undefined) return <EgressError error={failed.error} onRetry={() => void failed.refetch()} />;
  if (before.data === undefined || after.data === undefined) return <SkeletonRows rows={12} height={22} />;
  return (
    <div className={classes.main}>
      <Diff
        title={`From version ${pair.from} to version ${pair.to}`}
        before={before.data.document}
        after={after.data.document}
        check={check.data}
      />
      <div>
        <Button size="xs" variant="default" onClick={onBack}>
          Back to the policy
        </Button>
      </div>
    </div>
  );
}
