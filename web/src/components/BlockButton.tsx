import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMe } from '../api/queries';
import { isLoopback } from '../lib/network';
import { includes } from '../lib/roles';
import { BlockDialog } from './BlockDialog';

type Props = {
  address: string;
  /** Why somebody would, to begin the reason with. */
  reason: string;
};

/** Offers those who may to put an address on the block list, where the address is shown. */
export function BlockButton({ address, reason }: Props) {
  const role = useMe().data?.role;
  const [open, setOpen] = useState(false);
  if (!includes(role, 'responder') || address === '' || isLoopback(address)) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Block this address…
      </Button>
      {open && <BlockDialog network={address} reason={reason} onClose={() => setOpen(false)} />}
    </>
  );
}
