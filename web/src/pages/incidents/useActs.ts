import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { type Act, actOnIncident, incidentKeys } from '../../api/incidents';
import type { Incident, IncidentAction, Page } from '../../api/types';
import { useToast } from '../../components/Toast';
import type { Asked } from './ActDialog';

const remembered = 50; // deeds that can be undone

const undoable: readonly IncidentAction[] = ['acknowledge', 'resolve', 'ignore', 'reopen', 'assign', 'snooze', 'wake'];
const said: Partial<Record<IncidentAction, string>> = {
  note: 'noted',
  snooze: 'snoozed',
  wake: 'snoozed no longer',
  assign: 'assigned',
  merge: 'merged again',
  split: 'its own again',
};
const asked: readonly Asked[] = ['resolve', 'ignore', 'note', 'snooze', 'assign'];
const isAsked = (action: IncidentAction): action is Asked => asked.some((a) => a === action);

/** What a toast says of an act. */
const sentence = (now: Incident, { action }: Act): string =>
  `${now.title}: ${action === 'undo' ? `undone, it is ${now.state}` : (said[action] ?? now.state)}`;

/** What a person does with incidents: asked for a reason where one is needed, and undone. */
export function useActs() {
  const client = useQueryClient();
  const toast = useToast();
  const [asking, ask] = useState<{ incident: Incident; action: Asked }>();
  const done = useRef<Act[][]>([]); // what would undo each deed, the last at the end

  const show = (now: Incident) => {
    const swap = (i: Incident) => (i.id === now.id ? now : i);
    client.setQueriesData<InfiniteData<Page<Incident>>>(
      { queryKey: incidentKeys.list },
      (old) => old && { ...old, pages: old.pages.map((p) => ({ ...p, items: p.items.map(swap) })) },
    );
    void client.invalidateQueries({ queryKey: incidentKeys.one(now.id) });
    void client.invalidateQueries({ queryKey: incidentKeys.open });
  };
  const run = async (acts: Act[]) => {
    for (const a of acts) {
      const now = await actOnIncident(a);
      show(now);
      if (a === acts.at(-1)) toast(sentence(now, a));
    }
    if (acts.some((a) => a.action === 'merge' || a.action === 'split'))
      void client.invalidateQueries({ queryKey: incidentKeys.all });
  };
  const undo = () => {
    const back = done.current.pop();
    if (back === undefined) toast('Nothing of yours to undo');
    else void run(back).catch((e: Error) => toast(`Not undone: ${e.message}`, true));
  };
  /** Says what was done, and remembers what undoes it. */
  const did = (words: string, back: Act[]) => {
    if (back.length > 0) done.current = [...done.current, back].slice(-remembered);
    toast(words, false, back.length > 0 ? undo : undefined);
  };
  const act = async (a: Act) => {
    const now = await actOnIncident(a);
    show(now);
    did(sentence(now, a), undoable.includes(a.action) ? [{ id: now.id, action: 'undo' }] : []);
  };
  return {
    asked: asking,
    stop: () => ask(undefined),
    act,
    did,
    /** Acts at once, or asks why first. */
    start: (incident: Incident, action: IncidentAction) => {
      if (isAsked(action)) ask({ incident, action });
      else void act({ id: incident.id, action }).catch((e: Error) => toast(e.message, true));
    },
    /** Takes back what was done last: the incident is what it was. */
    undo,
  };
}
