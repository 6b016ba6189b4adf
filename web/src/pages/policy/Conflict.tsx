import { Button } from '@mantine/core';
import type { LoadedPolicy } from '../../api/egress';
import { SafeText } from '../../components/Text';
import { Diff } from './Diff';
import classes from './Policy.module.css';

type Props = { based: LoadedPolicy | null; theirs: LoadedPolicy; onKeep: () => void; onTake: () => void };

/** Somebody else changed the policy while a draft was written. */
export function Conflict({ based, theirs, onKeep, onTake }: Props) {
  return (
    <>
      <div className={classes.conflict} role="alert">
        <strong>The policy was changed meanwhile: version {theirs.version} is in force now.</strong>
        <span>
          <SafeText>{theirs.author}</SafeText>: <SafeText>{theirs.reason}</SafeText>
        </span>
        <span>Your draft rests on version {based?.version ?? 0}. Look at what they changed, below, and decide.</span>
        <div className={classes.bar}>
          <Button size="xs" onClick={onKeep}>
            Keep my draft, in place of version {theirs.version}
          </Button>
          <Button size="xs" variant="default" onClick={onTake}>
            Discard it and take version {theirs.version}
          </Button>
        </div>
      </div>
      <Diff title="What they changed" before={based?.document ?? ''} after={theirs.document} />
    </>
  );
}
