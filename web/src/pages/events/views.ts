import type { View } from './filters';

/** What people ask the log for most, by name. */
export const views: { name: string; topics: string[] }[] = [
  { name: 'Everything', topics: [] },
  { name: 'Leaks', topics: ['leak.message.*', 'leak.quarantine.*', 'egress.leak.blocked'] },
  { name: 'What leaves', topics: ['egress.>'] },
  { name: 'Attackers', topics: ['attacker.>', 'credential.>', 'decky.*.traffic'] },
  { name: 'Anomalies', topics: ['anomaly.>', 'ingest.>'] },
  { name: 'Incidents', topics: ['incident.>'] },
  { name: 'Access', topics: ['apikey.>'] },
  { name: 'Cordon itself', topics: ['system.>', 'rule.>', 'leak.source.*.state', 'decky.*.state'] },
];

/** The name of the topics that are looked at; empty for others. */
export const nameOf = (v: View): string =>
  views.find((x) => x.topics.join(' ') === (v.topic ?? []).join(' '))?.name ?? '';

/** The same view of other topics. */
export function ofName(v: View, name: string): View {
  const { topic: _, ...rest } = v;
  const topics = views.find((x) => x.name === name)?.topics ?? [];
  return topics.length === 0 ? rest : { ...rest, topic: topics };
}
