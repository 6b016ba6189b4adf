import { NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { addBlock, blockKeys } from '../api/blocks';
import { wrongNetwork } from '../lib/network';
import { ReasonDialog } from './ReasonDialog';
import { useToast } from './Toast';

type Props = {
  /** What to turn away; asked for when there is none. */
  network?: string;
  /** Why, as far as it is known. */
  reason?: string;
  onClose: () => void;
};

// How long people block for, in minutes.
const spans = [
  { value: '60', label: 'an hour' },
  { value: '1440', label: 'a day' },
  { value: '10080', label: 'a week' },
  { value: '43200', label: '30 days' },
];

/** Asks what to turn away, how long and why. */
export function BlockDialog({ network: known = '', reason, onClose }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const [network, setNetwork] = useState(known);
  const [minutes, setMinutes] = useState('1440');
  const wrong = wrongNetwork(network);
  const run = async (why: string) => {
    const made = await addBlock({ network: network.trim(), minutes: Number(minutes), reason: why });
    toast(`${made.network} is on the block list`);
    void client.invalidateQueries({ queryKey: blockKeys.all });
  };
  return (
    <ReasonDialog
      title="Block an address"
      verb="Block"
      danger
      needed
      initial={reason}
      ready={network.trim() !== '' && wrong === ''}
      run={run}
      onClose={onClose}
    >
      <p>
        Firewalls turn it away with the next list that they pull. Addresses of this machine and of operators are
        refused.
      </p>
      <TextInput
        size="xs"
        label="Address or network"
        placeholder="203.0.113.9"
        data-autofocus={known === '' || undefined}
        error={wrong}
        value={network}
        maxLength={64}
        onChange={(e) => setNetwork(e.currentTarget.value)}
      />
      <NativeSelect
        size="xs"
        label="For"
        data={spans}
        value={minutes}
        onChange={(e) => setMinutes(e.currentTarget.value)}
      />
    </ReasonDialog>
  );
}
