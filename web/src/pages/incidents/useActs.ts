import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { type Act, actOnIncident, incidentKeys } from '../../api/incidents';
import type { Incident, IncidentAction, Page } from '../../api/types';
import { useToast } from '../../components/Toast';

const remembered = 50; // acts that can be undone

/** What a person does with incidents: asked for a reason where one is needed, and undone. */
export function useActs() {
  const client = useQueryClient();
  const toast = useToast();
  const [asked, ask] = useState<{ incident: Incident; action: 'resolve' | 'ignore' | 'note' }>();
  const done = useRef<string[]>([]);

  const show = (now: Incident) => {
    const swap = (i: Incident) => (i.id === now.id ? now : i);
    client.setQueriesData<InfiniteData<Page<Incident>>>(
      { queryKey: incidentKeys.list },
      (old) => old && { ...old, pages: old.pages.map((p) => ({ ...p, items: p.items.map(swap) })) },
    );
    void client.invalidateQueries({ queryKey: incidentKeys.one(now.id) });
  };
  const act = async (a: Act) => {
    const now = await actOnIncident(a);
    if (a.action === 'acknowledge' || a.action === 'resolve' || a.action === 'ignore')
      done.current = [...done.current, now.id].slice(-remembered);
    show(now);
    toast(`${now.title}: ${a.action === 'note' ? 'noted' : now.state}`);
  };
  const quietly = (a: Act) => void act(a).catch((e: Error) => toast(e.message));
  return {
    asked,
    stop: () => ask(undefined),
    act,
    /** Acts at once, or asks why first. */
    start: (incident: Incident, action: IncidentAction) => {
      if (action === 'resolve' || action === 'ignore' || action === 'note') ask({ incident, action });
      else quietly({ id: incident.id, action });
    },
    /** Opens again what was taken on or closed last. */
    undo: () => {
      const id = done.current.pop();
      if (id === undefined) toast('Nothing of yours to undo');
      else quietly({ id, action: 'reopen', reason: 'undone' });
    },
  };
}
