import { Button } from '@mantine/core';
import { ShieldBan } from 'lucide-react';
import { useState } from 'react';
import { useMessageBlocks } from '../../api/gossip';
import { useMe } from '../../api/queries';
import type { GossipBlock } from '../../api/types';
import { Panel } from '../../components/Page';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { includes } from '../../lib/roles';
import { BlockMessage, UnblockMessage } from './BlockDialogs';
import classes from './Gateway.module.css';

/** The messages that operators have withheld, whatever is in them. */
export function Blocks() {
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useMessageBlocks();
  const may = includes(useMe().data?.role, 'responder');
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<GossipBlock | null>(null);
  const items = data?.pages.flatMap((p) => p.items) ?? [];
  const button = may && (
    <Button size="xs" variant="default" leftSection={<ShieldBan size={14} />} onClick={() => setAdding(true)}>
      Block a message
    </Button>
  );
  return (
    <Panel title="Blocked by operators" aside={button}>
      {error !== null && data === undefined && <p className={classes.quiet}>Not known: {error.message}</p>}
      {data !== undefined && items.length === 0 && (
        <p className={classes.quiet}>
          No message is blocked by its id. What holds a secret is withheld all the same, and so is whatever is in
          quarantine from another source.
        </p>
      )}
      <ul className={classes.entries}>
        {items.map((b) => (
          <One key={b.message_id} block={b} onEnd={may ? () => setEnding(b) : undefined} />
        ))}
      </ul>
      {hasNextPage && (
        <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          More
        </Button>
      )}
      {adding && <BlockMessage onClose={() => setAdding(false)} />}
      {ending !== null && <UnblockMessage block={ending} onClose={() => setEnding(null)} />}
    </Panel>
  );
}

function One({ block: b, onEnd }: { block: GossipBlock; onEnd?: () => void }) {
  return (
    <li className={classes.block}>
      <div className={classes.words}>
        <SafeText mono>{b.message_id}</SafeText>
        <div className={classes.quiet}>
          <SafeText>{`${b.by}: ${b.reason}`}</SafeText>, <Ago at={b.at} />
        </div>
      </div>
      {onEnd !== undefined && (
        <Button size="xs" variant="default" onClick={onEnd}>
          Unblock
        </Button>
      )}
    </li>
  );
}
