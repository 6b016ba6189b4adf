import { useMutation, useQueryClient } from '@tanstack/react-query';
import { patch } from '../../api/cache';
import { type Entry, type ReviewRequest, review } from '../../api/calls';
import { ApiError } from '../../api/errors';
import { keys, useMe } from '../../api/queries';
import type { Quarantine, ReviewAction } from '../../api/types';
import { reviewWords } from '../../components/ReviewTag';
import { useToast } from '../../components/Toast';
import { randomKey } from '../../lib/random';

type Judged = { entry: Quarantine; request: ReviewRequest };

/** Records reviews: shown at once, taken back with the reason when refused. */
export function useReview(): (entry: Quarantine, action: ReviewAction, reason: string) => void {
  const client = useQueryClient();
  const toast = useToast();
  const name = useMe().data?.name ?? null;
  const { mutate } = useMutation({
    mutationFn: ({ request }: Judged) => review(request),
    onMutate: ({ entry, request }) => patch(client, entry.id, verdict(request.action, request.reason, name)),
    onSuccess: (row, { entry, request }) => {
      patch(client, entry.id, row);
      toast(`${reviewWords[request.action]}: ${entry.secret_type}`);
      void client.invalidateQueries({ queryKey: keys.entry(entry.id) });
      void client.invalidateQueries({ queryKey: keys.overview });
    },
    onError: (error, { entry }) => {
      patch(client, entry.id, before(entry));
      toast(refusal(error), true);
      void client.invalidateQueries({ queryKey: keys.entry(entry.id) });
    },
  });
  return (entry, action, reason) => {
    const etag = client.getQueryData<Entry>(keys.entry(entry.id))?.etag;
    mutate({ entry, request: { id: entry.id, action, reason: reason.trim(), etag, key: randomKey() } });
  };
}

const verdict = (action: ReviewAction, reason: string, reviewer: string | null): Partial<Quarantine> => ({
  reviewed: true,
  review_action: action,
  review_reason: reason,
  reviewer,
  review_timestamp: new Date().toISOString(),
});

const before = (e: Quarantine): Partial<Quarantine> => ({
  reviewed: e.reviewed,
  review_action: e.review_action,
  review_reason: e.review_reason,
  reviewer: e.reviewer,
  review_timestamp: e.review_timestamp,
});

function refusal(error: Error): string {
  if (error instanceof ApiError && error.status === 412) {
    return 'Somebody else reviewed this entry meanwhile. It was loaded again: look at it and decide anew.';
  }
  return `The review was not saved: ${error.message}`;
}
