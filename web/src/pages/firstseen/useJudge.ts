import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { egressKeys, reviewEndpoint } from '../../api/egress';
import type { EgressEndpoint, EndpointVerdict, Page } from '../../api/types';
import { useToast } from '../../components/Toast';
import { randomKey } from '../../lib/random';
import { target } from '../decisions/target';
import { verdictWords } from './verdicts';

const remembered = 50; // reviews one can go back through

/** Asks for verdicts, sends them, and goes back to the endpoint that was judged last. */
export function useJudge() {
  const client = useQueryClient();
  const toast = useToast();
  const [asked, ask] = useState<{ endpoint: EgressEndpoint; allow: boolean; key: string }>();
  const judged = useRef<string[]>([]);

  const judge = async (verdict: EndpointVerdict, reason: string) => {
    if (asked === undefined) return;
    const { endpoint, key } = asked;
    // The key is that of this verdict: another one, after an error, is another request.
    const now = await reviewEndpoint({ id: endpoint.id, verdict, reason, key: `${key}-${verdict}` });
    judged.current = [...judged.current, now.id].slice(-remembered);
    client.setQueriesData<InfiniteData<Page<EgressEndpoint>>>(
      { queryKey: egressKeys.endpoints },
      (old) => old && { ...old, pages: old.pages.map((p) => ({ ...p, items: p.items.map(swap(now)) })) },
    );
    void client.invalidateQueries({ queryKey: egressKeys.programs });
    void client.invalidateQueries({ queryKey: egressKeys.policy });
    toast(`${target(now)}: ${verdictWords[verdict]}`);
  };
  return {
    asked,
    ask: (endpoint: EgressEndpoint, allow: boolean) => ask({ endpoint, allow, key: randomKey() }),
    stop: () => ask(undefined),
    judge,
    /** The id of the endpoint judged last, once. */
    back: () => {
      const last = judged.current.pop();
      if (last === undefined) toast('No review of yours to go back to');
      return last;
    },
  };
}

const swap = (now: EgressEndpoint) => (e: EgressEndpoint) => (e.id === now.id ? now : e);
