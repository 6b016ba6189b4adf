import { useQueryClient } from '@tanstack/react-query';
import { type Act, actOnSeen, incidentKeys, type SeenIncident } from '../../api/incidents';

/** Says what was done, with what undoes it. */
export type Did = (words: string, back: Act[]) => void;

type Step = { seen: SeenIncident; act: Omit<Act, 'id'>; back: Omit<Act, 'id'> };

/** Merges and splits incidents as somebody saw them, one after the other. What is done stays done when one fails. */
export function useJoining(did: Did) {
  const client = useQueryClient();
  return async (steps: Step[], words: (done: number) => string) => {
    const back: Act[] = [];
    try {
      for (const { seen, act, back: undone } of steps) {
        await actOnSeen({ id: seen.id, ...act }, seen.etag);
        back.unshift({ id: seen.id, ...undone });
      }
    } finally {
      if (back.length > 0) did(words(back.length), back);
      void client.invalidateQueries({ queryKey: incidentKeys.all });
    }
  };
}
