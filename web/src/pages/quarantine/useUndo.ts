import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { quarantineEntry } from '../../api/calls';
import { keys } from '../../api/queries';
import type { Quarantine, ReviewAction } from '../../api/types';
import { useToast } from '../../components/Toast';

const remembered = 50; // judgements one can go back through

type Judged = { before: Quarantine; action: ReviewAction };
type Record = (entry: Quarantine, action: ReviewAction, reason: string) => void;

/**
 * Goes back to the entry judged last. A judgement can be replaced, not
 * removed: an entry judged for the first time is opened to be judged again, one
 * that had an earlier judgement gets that back.
 */
export function useUndo(record: Record, open: (id: string) => void) {
  const client = useQueryClient();
  const toast = useToast();
  const judged = useRef<Judged[]>([]);

  const remember = (before: Quarantine, action: ReviewAction) => {
    judged.current = [...judged.current, { before, action }].slice(-remembered);
  };
  const back = async () => {
    const last = judged.current.pop();
    if (last === undefined) return toast('No judgement of yours to go back to');
    const { before, action } = last;
    open(before.id);
    if (before.review_action === null) return toast('Back at the entry judged last: judge it anew');
    try {
      const queryKey = keys.entry(before.id);
      const now = await client.fetchQuery({ queryKey, queryFn: () => quarantineEntry(before.id), staleTime: 0 });
      if (now.review_action !== action) return toast('Somebody judged this entry since; nothing was changed', true);
      record(now, before.review_action, before.review_reason);
    } catch (e) {
      toast(`The judgement was not taken back: ${e instanceof Error ? e.message : String(e)}`, true);
    }
  };
  return { remember, back };
}
