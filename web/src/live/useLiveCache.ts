import { type Query, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { actionKeys } from '../api/actions';
import { anomalyKeys } from '../api/anomalies';
import { anomalyRuleKeys } from '../api/anomalyRules';
import { blockKeys } from '../api/blocks';
import { patch, prependRecent } from '../api/cache';
import { deceptionKeys } from '../api/deception';
import { egressKeys } from '../api/egress';
import { outOfDate } from '../api/gap';
import { gossipKeys } from '../api/gossip';
import { incidentKeys } from '../api/incidents';
import { keys } from '../api/queries';
import { ruleKeys } from '../api/rules';
import type { Source } from '../api/types';
import { webhookKeys } from '../api/webhooks';
import { type Envelope, type Quarantined, type Reviewed, rowOf, type SourceChanged, topics } from './events';
import { useLiveEvents } from './LiveProvider';

/** Keeps the cached data in step with the live events, on every page. */
export function useLiveCache(): void {
  const client = useQueryClient();
  const soon = useThrottled(() => {
    void client.invalidateQueries({ queryKey: keys.overview });
    void client.invalidateQueries({ queryKey: keys.findings, refetchType: 'none' });
  }, 1_500);

  const rulesSoon = useThrottled(() => {
    void client.invalidateQueries({ queryKey: ruleKeys.all });
    void client.invalidateQueries({ queryKey: anomalyRuleKeys.all });
  }, 1_000);

  const egressSoon = useThrottled(() => {
    void client.invalidateQueries({ queryKey: egressKeys.decisions, predicate: atItsTop });
    void client.invalidateQueries({ queryKey: egressKeys.endpoints, predicate: atItsTop });
  }, 2_000);

  // The feed adds its rows itself; to read evidence again would be another look in the audit log.
  const deceptionSoon = useThrottled(() => {
    const predicate = (q: Query) => q.queryKey[1] !== deceptionKeys.feed[1] && outOfDate(q) && atItsTop(q);
    void client.invalidateQueries({ queryKey: deceptionKeys.all, predicate });
  }, 2_000);

  const incidentsSoon = useThrottled(() => void client.invalidateQueries({ queryKey: incidentKeys.all }), 1_000);

  const actionsSoon = useThrottled(() => {
    void client.invalidateQueries({ queryKey: actionKeys.all, predicate: atItsTop });
    void client.invalidateQueries({ queryKey: incidentKeys.all, predicate: atItsTop }); // their timelines say it, too
  }, 1_000);

  const blocksSoon = useThrottled(() => {
    void client.invalidateQueries({ queryKey: blockKeys.all, predicate: atItsTop });
  }, 1_000);

  const anomaliesSoon = useThrottled(() => {
    void client.invalidateQueries({ queryKey: anomalyKeys.all, predicate: atItsTop });
  }, 1_000);

  useLiveEvents((e) => {
    if (e.topic === topics.killSwitch) return void client.invalidateQueries({ queryKey: egressKeys.status });
    if (topics.egress.test(e.topic)) return egressSoon();
    if (topics.deception.test(e.topic)) return deceptionSoon();
    if (topics.incident.test(e.topic)) return incidentsSoon();
    if (e.topic === topics.action) actionsSoon();
    if (e.topic === topics.block) blocksSoon();
    if (topics.response.test(e.topic)) return;
    if (topics.anomaly.test(e.topic)) return anomaliesSoon();
    if (topics.rule.test(e.topic)) return rulesSoon();
    if (topics.gossip.test(e.topic)) return void client.invalidateQueries({ queryKey: gossipKeys.all });
    if (e.topic === topics.webhooks) return void client.invalidateQueries({ queryKey: webhookKeys.all });
    if (e.topic === topics.quarantined) prependRecent(client, rowOf(e as Envelope<Quarantined>));
    if (e.topic === topics.reviewed) {
      const r = e.data as Reviewed;
      patch(client, r.quarantine_id, reviewOf(e.time, r));
      void client.invalidateQueries({ queryKey: keys.entry(r.quarantine_id) });
    }
    if (topics.sourceState.test(e.topic)) {
      const s = e.data as SourceChanged;
      client.setQueryData<{ items: Source[] }>(
        keys.sources,
        (old) => old && { items: old.items.map((x) => change(x, s)) },
      );
    }
    soon();
  });
}

// Every page that is loaded is read again: of a list that somebody scrolls through, not.
const atItsTop = (q: Query) => ((q.state.data as { pages?: unknown[] } | undefined)?.pages?.length ?? 0) <= 2;

const reviewOf = (time: string, r: Reviewed) => ({
  reviewed: true,
  review_action: r.action,
  reviewer: r.reviewer,
  review_reason: r.reason ?? '',
  review_timestamp: time,
});

const change = (x: Source, s: SourceChanged): Source =>
  x.id === s.source_id ? { ...x, state: s.state, detail: s.detail ?? '', position: s.position ?? x.position } : x;

/** Runs fn at most once per interval, at its end. */
function useThrottled(fn: () => void, interval: number): () => void {
  const timer = useRef<number | undefined>(undefined);
  const latest = useRef(fn);
  useEffect(() => {
    latest.current = fn;
  });
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return () => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, interval);
  };
}
