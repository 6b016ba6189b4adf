import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { type Act, actOnIncident, incidentKeys } from '../../api/incidents';
import type { Incident, IncidentAction, Page } from '../../api/types';
import { useToast } from '../../components/Toast';
import type { Asked } from './ActDialog';

const remembered = 50; // acts that can be undone

const reopened = { action: 'reopen', reason: 'undone' } as const;
const undoOf: Partial<Record<IncidentAction, Omit<Act, 'id'>>> = {
  acknowledge: reopened,
  resolve: reopened,
  ignore: reopened,
  snooze: { action: 'wake' },
};
const said: Partial<Record<IncidentAction, string>> = {
  note: 'noted',
  snooze: 'snoozed',
  wake: 'snoozed no longer',
  assign: 'assigned',
};
const asked: readonly Asked[] = ['resolve', 'ignore', 'note', 'snooze', 'assign'];
const isAsked = (action: IncidentAction): action is Asked => asked.some((a) => a === action);

/** What a person does with incidents: asked for a reason where one is needed, and undone. */
export function useActs() {
  const client = useQueryClient();
  const toast = useToast();
  const [asking, ask] = useState<{ incident: Incident; action: Asked }>();
  const done = useRef<Act[]>([]); // what would undo each act, the last at the end

  const show = (now: Incident) => {
    const swap = (i: Incident) => (i.id === now.id ? now : i);
    client.setQueriesData<InfiniteData<Page<Incident>>>(
      { queryKey: incidentKeys.list },
      (old) => old && { ...old, pages: old.pages.map((p) => ({ ...p, items: p.items.map(swap) })) },
    );
    void client.invalidateQueries({ queryKey: incidentKeys.one(now.id) });
    void client.invalidateQueries({ queryKey: incidentKeys.open });
  };
  const act = async (a: Act) => {
    const now = await actOnIncident(a);
    const back = undoOf[a.action];
    if (back !== undefined) done.current = [...done.current, { id: now.id, ...back }].slice(-remembered);
    show(now);
    toast(`${now.title}: ${said[a.action] ?? now.state}`);
  };
  const quietly = (a: Act) => void act(a).catch((e: Error) => toast(e.message));
  return {
    asked: asking,
    stop: () => ask(undefined),
    act,
    /** Acts at once, or asks why first. */
    start: (incident: Incident, action: IncidentAction) => {
      if (isAsked(action)) ask({ incident, action });
      else quietly({ id: incident.id, action });
    },
    /** Opens again what was taken on or closed last, wakes what was put aside. */
    undo: () => {
      const back = done.current.pop();
      if (back === undefined) toast('Nothing of yours to undo');
      else quietly(back);
    },
  };
}
