import { Button, Tooltip } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { FileSignature } from 'lucide-react';
import { signAudit } from '../../api/audit';
import { useToast } from '../../components/Toast';
import { download } from '../../lib/download';

/** Signs the log as it is now and saves the statement, to be kept elsewhere. */
export function CheckpointButton() {
  const toast = useToast();
  const sign = useMutation({
    mutationFn: signAudit,
    onSuccess: (c) => {
      download(`cordon-audit-checkpoint-${c.seq}.json`, [`${JSON.stringify(c, null, 2)}\n`], 'application/json');
      toast(`Saved a checkpoint of record ${c.seq}. Keep it on another machine.`);
    },
    onError: (e) => toast(`No checkpoint was made: ${e.message}`, true),
  });
  return (
    <Tooltip label="A signed statement of the log as it is now. Kept elsewhere, it proves later that nothing before it was changed.">
      <Button
        size="xs"
        variant="default"
        leftSection={<FileSignature size={14} />}
        loading={sign.isPending}
        onClick={() => sign.mutate()}
      >
        Save checkpoint
      </Button>
    </Tooltip>
  );
}
