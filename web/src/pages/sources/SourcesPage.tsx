import { Radio } from 'lucide-react';
import { useSources } from '../../api/queries';
import { Snippet } from '../../components/Copy';
import { Page } from '../../components/Page';
import { ErrorNotice, Notice, SkeletonRows } from '../../components/States';
import { SourceCard } from './SourceCard';
import classes from './Sources.module.css';

/** What Cordon reads, and how far it is. */
export function SourcesPage() {
  const { data, isPending, isError, error, refetch } = useSources();
  return (
    <Page title="Sources" lead="What Cordon reads, how far it has come, and whether it can hold a message back there.">
      {isPending && <SkeletonRows rows={4} height={90} />}
      {isError && data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && <Empty />}
      {data !== undefined && data.items.length > 0 && (
        <ul className={classes.cards}>
          {data.items.map((s) => (
            <SourceCard key={s.id} source={s} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function Empty() {
  return (
    <Notice icon={<Radio size={26} />} title="Nothing is watched yet">
      <p>
        Add a source when starting the server, or under <code>leak.sources</code> in <code>cordon.yaml</code>.
      </p>
      <Snippet label="CLI">cordon serve --watch dir:/var/log/agents</Snippet>
      <Snippet label="CLI">cordon serve --watch hypercore:/path/to/core</Snippet>
    </Notice>
  );
}
