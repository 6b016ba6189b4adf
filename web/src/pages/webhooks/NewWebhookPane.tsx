import { useMutation, useQueryClient } from '@tanstack/react-query';
import { formErrors } from '../../api/errors';
import type { WebhookSaved } from '../../api/types';
import { createWebhook, webhookKeys } from '../../api/webhooks';
import { SidePane } from '../../components/Split';
import { useToast } from '../../components/Toast';
import { blank, type Draft, fields, made } from './draft';
import { type Shared, WebhookForm } from './WebhookForm';

type Props = Shared & { onClose: () => void; onMade: (w: WebhookSaved) => void };

export function NewWebhookPane({ presets, formats, onClose, onMade }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const add = useMutation({
    mutationFn: (d: Draft) => createWebhook(made(d)),
    gcTime: 0, // the answer may hold the secret
    onSuccess: (w) => {
      toast(`Webhook ${w.id} added`);
      void client.invalidateQueries({ queryKey: webhookKeys.list });
      onMade(w);
    },
  });
  return (
    <SidePane label="New webhook" noun="webhook" title="New webhook" onClose={onClose}>
      <WebhookForm
        start={blank}
        presets={presets}
        formats={formats}
        errors={formErrors(add.error, fields)}
        busy={add.isPending}
        onSave={(d) => add.mutate(d)}
        onCancel={onClose}
      />
    </SidePane>
  );
}
