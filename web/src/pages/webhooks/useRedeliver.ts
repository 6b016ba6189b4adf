import { useMutation, useQueryClient } from '@tanstack/react-query';
import { redeliver, redeliverDead, webhookKeys } from '../../api/webhooks';
import { useToast } from '../../components/Toast';
import { plural } from '../../lib/format';

function useQueueing(id: string) {
  const client = useQueryClient();
  const toast = useToast();
  return {
    onSuccess: ({ queued }: { queued: number }) => {
      toast(`${plural(queued, 'delivery', 'deliveries')} to ${id} queued again`);
      void client.invalidateQueries({ queryKey: webhookKeys.all });
    },
    onError: (e: Error) => toast(`Nothing was queued: ${e.message}`, true),
  };
}

/** Sends one delivery again, under its id. */
export function useRedeliver(id: string) {
  return useMutation({ mutationFn: (delivery: string) => redeliver(id, delivery), ...useQueueing(id) });
}

/** Sends every dead letter of a webhook again. */
export function useRedeliverDead(id: string) {
  return useMutation({ mutationFn: () => redeliverDead(id), ...useQueueing(id) });
}
