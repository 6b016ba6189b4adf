import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { type LoadedWebhook, useRecentDeliveries, useWebhook } from '../../api/webhooks';
import { Panel } from '../../components/Page';
import { type Position, SidePane } from '../../components/Split';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { plural } from '../../lib/format';
import { tagOf } from './draft';
import { EditWebhook } from './EditWebhook';
import { WebhookActions } from './WebhookActions';
import { Elsewhere, WebhookFacts } from './WebhookFacts';
import type { Shared } from './WebhookForm';
import classes from './Webhooks.module.css';

type Props = Shared & {
  id: string;
  position: Position | undefined;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
  onSecret: (value: string) => void;
};

export function WebhookPane({ id, presets, formats, position, onStep, onClose, onSecret }: Props) {
  const { data, isPending, isError, error, refetch } = useWebhook(id);
  return (
    <SidePane
      label="Webhook"
      noun="webhook"
      title={<SafeText>{id}</SafeText>}
      position={position}
      onStep={onStep}
      onClose={onClose}
    >
      {isPending && <SkeletonRows rows={10} />}
      {isError && data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <Body webhook={data} presets={presets} formats={formats} onGone={onClose} onSecret={onSecret} />
      )}
    </SidePane>
  );
}

type BodyProps = Shared & { webhook: LoadedWebhook; onGone: () => void; onSecret: (value: string) => void };

function Body({ webhook: w, presets, formats, onGone, onSecret }: BodyProps) {
  // The webhook as it was when editing began: renewals of the page don't touch the form.
  const [editing, setEditing] = useState<LoadedWebhook | null>(null);
  if (editing !== null) {
    return (
      <EditWebhook
        webhook={editing}
        presets={presets}
        formats={formats}
        onDone={() => setEditing(null)}
        onSecret={onSecret}
      />
    );
  }
  return (
    <>
      <div className={classes.tags}>
        <StateTag state={w.state} />
        {w.managed && <span className={classes.quiet}>from the configuration file</span>}
      </div>
      <Trouble webhook={w} />
      <WebhookActions webhook={w} onEdit={() => setEditing(w)} onGone={onGone} />
      <Panel title="Facts">
        <WebhookFacts webhook={w} presets={presets} />
      </Panel>
      <Panel
        title="Last deliveries"
        aside={
          <Link className={classes.all} href={`/webhooks/${encodeURIComponent(w.id)}/deliveries`}>
            All deliveries
          </Link>
        }
      >
        <Recent id={w.id} />
      </Panel>
      <Panel title="The same elsewhere">
        <Elsewhere webhook={w} />
      </Panel>
    </>
  );
}

// Why nothing arrives, and what to do.
function Trouble({ webhook: w }: { webhook: LoadedWebhook }) {
  if (w.state === 'active' && w.failures === 0) return null;
  if (w.state === 'paused') return <p className={classes.hint}>A person paused it. Nothing is queued for it.</p>;
  return (
    <p className={classes.trouble}>
      <TriangleAlert size={16} aria-hidden="true" />
      <span>
        {w.state === 'tripped' ? (
          <>
            Five failures in a row stopped it
            {w.auto_disabled_at !== null && (
              <>
                , <Ago at={w.auto_disabled_at} />
              </>
            )}
            . What it should hear of waits, for 72 hours or 100,000 deliveries. Mend the receiver, test it, then enable
            it.
          </>
        ) : (
          <>{plural(w.failures, 'failure')} in a row; at five it is stopped.</>
        )}
        {w.last?.error && (
          <>
            {' '}
            Last: <SafeText>{w.last.error}</SafeText>
          </>
        )}
      </span>
    </p>
  );
}

function Recent({ id }: { id: string }) {
  const { data, isPending, isError, error } = useRecentDeliveries(id);
  if (isPending) return <SkeletonRows rows={3} />;
  if (isError) return <p className={classes.hint}>They could not be loaded: {error.message}</p>;
  if (data.items.length === 0) return <p className={classes.hint}>Nothing was sent yet. Test it to see one.</p>;
  return (
    <ul className={classes.recent}>
      {data.items.map((d) => (
        <li key={d.id}>
          <StateTag state={tagOf(d)} />
          <span className={classes.grow}>
            <SafeText>{d.topic}</SafeText>
          </span>
          {d.status > 0 && <span className="num">{d.status}</span>}
          <span className={classes.quiet}>
            <Ago at={d.queued_at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
