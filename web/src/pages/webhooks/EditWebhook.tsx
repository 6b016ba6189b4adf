import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError, formErrors } from '../../api/errors';
import { type LoadedWebhook, updateWebhook, webhookKeys } from '../../api/webhooks';
import { useToast } from '../../components/Toast';
import { changed, type Draft, draftFrom, fields } from './draft';
import { type Shared, WebhookForm } from './WebhookForm';

type Props = Shared & { webhook: LoadedWebhook; onDone: () => void; onSecret: (value: string) => void };

export function EditWebhook({ webhook, presets, formats, onDone, onSecret }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const save = useMutation({
    mutationFn: (d: Draft) => updateWebhook(webhook, changed(d)),
    gcTime: 0, // the answer may hold the secret
    onSuccess: (w) => {
      toast(`Webhook ${w.id} changed`);
      void client.invalidateQueries({ queryKey: webhookKeys.all });
      if (w.secret !== null) onSecret(w.secret);
      onDone();
    },
    onError: (e) => {
      if (!(e instanceof ApiError && e.status === 412)) return;
      toast('Somebody else changed this webhook meanwhile. It was loaded again: look at it and decide anew.', true);
      void client.invalidateQueries({ queryKey: webhookKeys.all });
      onDone();
    },
  });
  return (
    <WebhookForm
      start={draftFrom(webhook, presets)}
      stored={webhook}
      presets={presets}
      formats={formats}
      errors={formErrors(save.error, fields)}
      busy={save.isPending}
      onSave={(d) => save.mutate(d)}
      onCancel={onDone}
    />
  );
}
