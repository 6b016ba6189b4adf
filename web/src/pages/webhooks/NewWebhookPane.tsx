import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formErrors } from '../../api/errors';
import type { Webhook, WebhookSaved } from '../../api/types';
import { createWebhook, webhookKeys } from '../../api/webhooks';
import { SidePane } from '../../components/Split';
import { useToast } from '../../components/Toast';
import { blank, type Draft, fields, made } from './draft';
import { SecretOnce } from './SecretOnce';
import { type Shared, WebhookForm } from './WebhookForm';

type Props = Shared & { onClose: () => void; onMade: (w: Webhook) => void };

export function NewWebhookPane({ presets, formats, onClose, onMade }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const [saved, setSaved] = useState<WebhookSaved | null>(null);
  const add = useMutation({
    mutationFn: (d: Draft) => createWebhook(made(d)),
    gcTime: 0, // the answer may hold the secret
    onSuccess: (w) => {
      toast(`Webhook ${w.id} added`);
      void client.invalidateQueries({ queryKey: webhookKeys.list });
      if (w.secret === null) onMade(w);
      else setSaved(w);
    },
  });
  return (
    <SidePane label="New webhook" noun="webhook" title={saved?.id ?? 'New webhook'} onClose={onClose}>
      {saved?.secret ? (
        <SecretOnce secret={saved.secret} onClose={() => onMade(saved)} />
      ) : (
        <WebhookForm
          start={blank}
          presets={presets}
          formats={formats}
          errors={formErrors(add.error, fields)}
          busy={add.isPending}
          onSave={(d) => add.mutate(d)}
          onCancel={onClose}
        />
      )}
    </SidePane>
  );
}
