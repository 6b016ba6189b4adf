import { NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { addDecky, deceptionKeys } from '../../api/deception';
import { ReasonDialog } from '../../components/ReasonDialog';
import { useToast } from '../../components/Toast';
import { readServices } from './services';

const archetypes = ['linux-server', 'web-server', 'database-server'];

/** Asks for a decky; all else about it is invented from its name. */
export function AddDecky({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState({ name: '', archetype: 'linux-server', address: '127.0.0.1', services: '' });
  const set = (change: Partial<typeof draft>) => setDraft((d) => ({ ...d, ...change }));
  const services = readServices(draft.services);
  const named = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(draft.name);
  const run = async (reason: string) => {
    if (!('services' in services)) throw new Error(services.wrong);
    const why = reason === '' ? undefined : reason;
    await addDecky({ ...draft, services: services.services, reason: why });
    toast(`${draft.name} is added; it opens within seconds`);
    void client.invalidateQueries({ queryKey: deceptionKeys.deckies });
  };
  return (
    <ReasonDialog
      title="Add a decky"
      verb="Add"
      ready={named && 'services' in services && draft.address.trim() !== ''}
      most={500}
      run={run}
      onClose={onClose}
    >
      <p>It is opened on the node that answers you. Host name, users and files are invented from its name.</p>
      <TextInput
        label="Name"
        description="Letters, digits, - and _. No attacker sees it."
        error={draft.name !== '' && !named && 'Letters, digits, - and _, at most 64'}
        value={draft.name}
        maxLength={64}
        onChange={(e) => set({ name: e.currentTarget.value })}
      />
      <NativeSelect
        label="What it plays"
        data={archetypes}
        value={draft.archetype}
        onChange={(e) => set({ archetype: e.currentTarget.value })}
      />
      <TextInput
        label="Address"
        description="An IP address of the node."
        value={draft.address}
        maxLength={64}
        onChange={(e) => set({ address: e.currentTarget.value })}
      />
      <TextInput
        label="Services"
        description="Such as ssh, redis:6380"
        error={draft.services !== '' && 'wrong' in services && services.wrong}
        value={draft.services}
        maxLength={500}
        onChange={(e) => set({ services: e.currentTarget.value })}
      />
    </ReasonDialog>
  );
}
