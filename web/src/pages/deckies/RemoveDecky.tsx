import { useQueryClient } from '@tanstack/react-query';
import { deceptionKeys, removeDecky } from '../../api/deception';
import type { Decky } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { useToast } from '../../components/Toast';

export function RemoveDecky({ decky: d, onClose }: { decky: Decky; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const run = async (reason: string) => {
    await removeDecky(d, reason);
    toast(`${d.name} is removed`);
    void client.invalidateQueries({ queryKey: deceptionKeys.deckies });
  };
  return (
    <ReasonDialog title={`Remove ${d.name}`} verb="Remove" danger most={500} run={run} onClose={onClose}>
      <p>Whoever is on it is cut off. What was recorded of them stays.</p>
    </ReasonDialog>
  );
}
