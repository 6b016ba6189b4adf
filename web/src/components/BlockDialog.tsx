import { NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { addBlock, blockKeys } from '../../api/blocks';
import { ReasonDialog } from '../../components/ReasonDialog';
import { useToast } from '../../components/Toast';
import { spans, wrongNetwork } from './words';

/** Asks what to turn away, how long and why. */
export function AddBlock({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const [network, setNetwork] = useState('');
  const [minutes, setMinutes] = useState('1440');
  const wrong = wrongNetwork(network);
  const run = async (reason: string) => {
    const made = await addBlock({ network: network.trim(), minutes: Number(minutes), reason });
    toast(`${made.network} is on the block list`);
    void client.invalidateQueries({ queryKey: blockKeys.all });
  };
  return (
    <ReasonDialog
      title="Block an address"
      verb="Block"
      danger
      needed
      ready={network.trim() !== '' && wrong === ''}
      run={run}
      onClose={onClose}
    >
      <p>
        Firewalls turn it away with the next list that they pull. Addresses of this machine and of operators are
        refused.
      </p>
      <TextInput
        label="Address or network"
        placeholder="203.0.113.9"
        error={wrong}
        value={network}
        maxLength={64}
        onChange={(e) => setNetwork(e.currentTarget.value)}
      />
      <NativeSelect label="For" data={spans} value={minutes} onChange={(e) => setMinutes(e.currentTarget.value)} />
    </ReasonDialog>
  );
}
