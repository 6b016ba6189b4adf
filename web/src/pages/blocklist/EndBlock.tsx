import { useQueryClient } from '@tanstack/react-query';
import { blockKeys, endBlock } from '../../api/blocks';
import type { Block } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SafeText } from '../../components/Text';
import { useToast } from '../../components/Toast';

/** Asks why an entry is taken off the list before its time. */
export function EndBlock({ block: b, onClose }: { block: Block; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const run = async (reason: string) => {
    await endBlock(b.id, reason);
    toast(`${b.network} is off the block list`);
    void client.invalidateQueries({ queryKey: blockKeys.all });
  };
  return (
    <ReasonDialog title="Let it in again" verb="Take off" run={run} onClose={onClose}>
      <p>
        <SafeText mono>{b.network}</SafeText> comes off the block list; firewalls let it in with the next list that they
        pull.
      </p>
    </ReasonDialog>
  );
}
