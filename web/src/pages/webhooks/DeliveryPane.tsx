import { Button } from '@mantine/core';
import { RotateCw } from 'lucide-react';
import type { Delivery } from '../../api/types';
import { CopyButton, Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { Panel } from '../../components/Page';
import { SeverityTag } from '../../components/Severity';
import { type Position, SidePane } from '../../components/Split';
import { Notice } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { middle, shellQuote } from '../../lib/format';
import { tagOf } from './draft';
import { useRedeliver } from './useRedeliver';
import classes from './Webhooks.module.css';

type Props = {
  webhook: string;
  delivery: Delivery | undefined;
  position: Position | undefined;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
};

export function DeliveryPane({ webhook, delivery: d, ...pane }: Props) {
  return (
    <SidePane
      label="Delivery"
      noun="delivery"
      title={d === undefined ? 'Delivery' : <SafeText mono>{d.topic}</SafeText>}
      {...pane}
    >
      {d === undefined ? (
        <Notice title="Not in the list any more">
          <p>Its state changed, and the list shows only one state, or it expired.</p>
        </Notice>
      ) : (
        <Body webhook={webhook} delivery={d} />
      )}
    </SidePane>
  );
}

const words: Record<Delivery['state'], string> = {
  pending: 'It waits for its first attempt.',
  failed: 'It was tried and will be tried again.',
  delivered: 'The receiver accepted it.',
  dead: 'It was given up: a dead letter. It can be redelivered.',
  silenced: 'A silence kept it back. It can be redelivered.',
};

function Body({ webhook, delivery: d }: { webhook: string; delivery: Delivery }) {
  const again = useRedeliver(webhook);
  return (
    <>
      <div className={classes.tags}>
        <StateTag state={tagOf(d)} />
        <SeverityTag severity={d.severity} />
        <span className={classes.quiet}>{words[d.state]}</span>
      </div>
      {d.error !== '' && (
        <p className={classes.trouble}>
          <SafeText>{d.error}</SafeText>
        </p>
      )}
      <div className={classes.actions}>
        <Button
          size="xs"
          variant="default"
          leftSection={<RotateCw size={14} />}
          loading={again.isPending}
          onClick={() => again.mutate(d.id)}
        >
          Redeliver
        </Button>
      </div>
      <Panel title="Facts">
        <Facts
          items={[
            ['About', d.subject === '' ? null : <SafeText key="s">{d.subject}</SafeText>],
            [
              'Answer',
              d.status === 0 ? (
                'none'
              ) : (
                <span key="a" className="num">
                  {d.status}
                </span>
              ),
            ],
            [
              'Attempts',
              <span key="n" className="num">
                {d.attempts}
              </span>,
            ],
            ['Queued', <Stamp key="q" at={d.queued_at} />],
            ['Next attempt', d.next_attempt_at === null ? null : <Stamp key="x" at={d.next_attempt_at} />],
            ['Done', d.done_at === null ? null : <Stamp key="d" at={d.done_at} />],
            ['webhook-id', <Id key="w" value={d.id} label="webhook-id" />],
            ['Event', <Id key="e" value={d.event_id} label="event id" />],
          ]}
        />
      </Panel>
      <Panel title="The same elsewhere">
        <Snippet label="CLI">{`cordon webhook redeliver ${shellQuote(webhook)} ${shellQuote(d.id)}`}</Snippet>
      </Panel>
    </>
  );
}

function Id({ value, label }: { value: string; label: string }) {
  return (
    <>
      <code title={value}>{middle(value, 16, 6)}</code>
      <CopyButton value={value} label={label} />
    </>
  );
}
