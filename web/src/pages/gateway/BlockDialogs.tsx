import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { blockMessage, gossipKeys, unblockMessage } from '../../api/gossip';
import type { GossipBlock } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SafeText } from '../../components/Text';
import { useToast } from '../../components/Toast';

const most = 500;

/** Asks which message is to be withheld, and why. */
export function BlockMessage({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const [id, setId] = useState('');
  const run = async (reason: string) => {
    await blockMessage(id.trim(), reason);
    toast('Gateways withhold it from now on');
    void client.invalidateQueries({ queryKey: gossipKeys.blocks });
  };
  return (
    <ReasonDialog
      title="Block a message"
      verb="Block"
      danger
      needed
      ready={id.trim() !== ''}
      most={most}
      run={run}
      onClose={onClose}
    >
      <p>Gateways withhold it within seconds, whatever is in it. Nodes that have it already keep it.</p>
      <TextInput
        label="Message id"
        description="The id that its sender gave it."
        value={id}
        maxLength={256}
        onChange={(e) => setId(e.currentTarget.value)}
      />
    </ReasonDialog>
  );
}

/** Asks why a message may pass again. */
export function UnblockMessage({ block: b, onClose }: { block: GossipBlock; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const run = async (reason: string) => {
    await unblockMessage(b.message_id, reason);
    toast('It may pass when it is sent again');
    void client.invalidateQueries({ queryKey: gossipKeys.blocks });
  };
  return (
    <ReasonDialog title="Let a message pass again" verb="Unblock" needed most={most} run={run} onClose={onClose}>
      <p>
        <SafeText mono>{b.message_id}</SafeText> is not sent now: it passes when its sender sends it again, unless
        something else keeps it back, such as a secret in it.
      </p>
    </ReasonDialog>
  );
}
