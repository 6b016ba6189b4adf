import { useQueryClient } from '@tanstack/react-query';
import { deceptionKeys, mutateDecky } from '../../api/deception';
import type { Decky } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { useToast } from '../../components/Toast';
import { plural } from '../../lib/format';

export function MutateDecky({ decky: d, onClose }: { decky: Decky; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const run = async (reason: string) => {
    await mutateDecky(d, reason);
    toast(`${d.name} becomes another host within seconds`);
    void client.invalidateQueries({ queryKey: deceptionKeys.deckies });
  };
  const here = d.services.reduce((all, s) => all + s.clients, 0);
  return (
    <ReasonDialog title={`Mutate ${d.name}`} verb="Mutate" most={500} run={run} onClose={onClose}>
      <p>
        It becomes another host of its kind: another host name, other users, keys and files. What attackers left on it
        is not there any more. Its ports stay open.
      </p>
      <p>
        {here === 0 ? 'Nobody is on it.' : `${plural(here, 'client')} on it may go on for five minutes, and no longer.`}
      </p>
    </ReasonDialog>
  );
}
