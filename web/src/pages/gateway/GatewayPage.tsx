import { Waypoints } from 'lucide-react';
import { useGateways } from '../../api/gossip';
import { Snippet } from '../../components/Copy';
import { Page } from '../../components/Page';
import { ErrorNotice, Notice, SkeletonRows } from '../../components/States';
import { Blocks } from './Blocks';
import classes from './Gateway.module.css';
import { GatewayCard } from './GatewayCard';
import { urgentFirst } from './shorten';

/** Gossip gateways: who joins through them, what they keep back, and who goes around them. */
export function GatewayPage() {
  const { data, isPending, isError, error, refetch } = useGateways();
  return (
    <Page
      title="Gateway"
      lead="Nodes of a gossip network join each other through a gateway, which scans each message before it passes."
    >
      {isPending && <SkeletonRows rows={4} height={90} />}
      {isError && data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && <Empty />}
      <div className={classes.stack}>
        {urgentFirst(data?.items ?? []).map((g) => (
          <GatewayCard key={g.id} gateway={g} />
        ))}
        {data !== undefined && <Blocks />}
      </div>
    </Page>
  );
}

function Empty() {
  return (
    <Notice icon={<Waypoints size={26} />} title="No gateway has reported yet">
      <p>
        A gateway is a program of its own with two sides. Nodes of either side are joined only through it, so that what
        it withholds reaches nobody. It reports here with a key that can do nothing else:
      </p>
      <Snippet label="CLI">cordon apikey create --name gate-1 --role responder --scope events:write</Snippet>
      <Snippet label="CLI">cordon bzzz gateway --config bzzz.yaml</Snippet>
      <p>
        <code>docs/bzzz.md</code> has a configuration to begin with.
      </p>
    </Notice>
  );
}
