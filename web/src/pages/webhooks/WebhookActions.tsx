import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleX, Pause, Pencil, Play, Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Webhook } from '../../api/types';
import { enableWebhook, pauseWebhook, removeWebhook, testWebhook, webhookKeys } from '../../api/webhooks';
import { ReasonForm } from '../../components/ReasonForm';
import { SafeText } from '../../components/Text';
import { useToast } from '../../components/Toast';
import { FormError } from '../login/Entrance';
import classes from './Webhooks.module.css';

type Ask = 'enable' | 'pause' | 'remove';
type Props = { webhook: Webhook; onEdit: () => void; onGone: () => void };

export function WebhookActions({ webhook: w, onEdit, onGone }: Props) {
  const [asking, setAsking] = useState<Ask | null>(null);
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: () => testWebhook(w.id),
    onSuccess: () => void client.invalidateQueries({ queryKey: webhookKeys.all }),
  });
  if (asking !== null) {
    return <Doing what={asking} webhook={w} onDone={() => setAsking(null)} onGone={onGone} />;
  }
  return (
    <>
      <div className={classes.actions}>
        <Button size="xs" leftSection={<Send size={14} />} onClick={() => test.mutate()} loading={test.isPending}>
          Send a test
        </Button>
        {w.state === 'active' ? (
          !w.managed && (
            <Button size="xs" variant="default" leftSection={<Pause size={14} />} onClick={() => setAsking('pause')}>
              Pause
            </Button>
          )
        ) : (
          <Button size="xs" variant="default" leftSection={<Play size={14} />} onClick={() => setAsking('enable')}>
            Enable
          </Button>
        )}
        {!w.managed && (
          <>
            <Button size="xs" variant="default" leftSection={<Pencil size={14} />} onClick={onEdit}>
              Edit
            </Button>
            <Button size="xs" variant="default" leftSection={<Trash2 size={14} />} onClick={() => setAsking('remove')}>
              Remove
            </Button>
          </>
        )}
      </div>
      {w.managed && (
        <p className={classes.hint}>
          Change it in the configuration file, under <code>notify.webhooks</code>, then reload.
        </p>
      )}
      <FormError>{test.error?.message}</FormError>
      <div role="status">{test.data !== undefined && <Tested ok={test.data.ok} {...test.data.delivery} />}</div>
    </>
  );
}

function Tested({ ok, status, error }: { ok: boolean; status: number; error: string }) {
  const Icon = ok ? CircleCheck : CircleX;
  return (
    <p className={classes.tested} data-ok={ok || undefined}>
      <Icon size={16} aria-hidden="true" />
      <span>
        {ok ? 'The test arrived' : 'The test did not arrive'}
        {status > 0 && error === '' && `: the receiver answered ${status}`}
        {error !== '' && (
          <>
            : <SafeText>{error}</SafeText>
          </>
        )}
      </span>
    </p>
  );
}

const acts = {
  enable: { verb: 'Enable', said: 'enabled', run: enableWebhook, danger: false },
  pause: { verb: 'Pause', said: 'paused', run: pauseWebhook, danger: false },
  remove: { verb: 'Remove the webhook', said: 'removed', run: removeWebhook, danger: true },
} as const;

const means: Record<Ask, string> = {
  enable: 'Its failures are forgotten, and what waits for it is sent at once.',
  pause: 'Nothing more is queued for it until it is enabled again.',
  remove: 'Nobody is told through it any more. What was on its way becomes dead letters.',
};

type DoingProps = { what: Ask; webhook: Webhook; onDone: () => void; onGone: () => void };

function Doing({ what, webhook: w, onDone, onGone }: DoingProps) {
  const client = useQueryClient();
  const toast = useToast();
  const { verb, said, run, danger } = acts[what];
  const act = useMutation({
    mutationFn: (reason: string): Promise<unknown> => run(w.id, reason),
    onSuccess: () => {
      toast(`Webhook ${w.id} ${said}`);
      if (what === 'remove') onGone();
      else onDone();
      void client.invalidateQueries({ queryKey: what === 'remove' ? webhookKeys.list : webhookKeys.all });
    },
  });
  return (
    <ReasonForm
      verb={verb}
      danger={danger}
      busy={act.isPending}
      error={act.error?.message}
      onGo={(reason) => act.mutate(reason)}
      onCancel={onDone}
    >
      {means[what]}
    </ReasonForm>
  );
}
