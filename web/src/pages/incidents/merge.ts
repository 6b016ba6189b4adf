import type { Incident, Severity, Webhook } from '../../api/types';

/** How many incidents are merged at a time. */
export const mostMerged = 20;

// What comes of a merge, as internal/incident says it (join.go, merge.go): shown before it is done.
const joins: Incident['join'][] = [
  'planted_secret_seen',
  'leaked_secret_in_use',
  'attacker_used_api_key',
  'attackers_host_wanted',
  'anomalous_attacker',
  '',
];
const severities: Severity[] = ['info', 'low', 'medium', 'high', 'critical'];
const rank = (i: Incident) => joins.indexOf(i.join);
const isOpen = (i: Incident) => i.closed_at === null;

/** The incident that others are best merged into: the first that was opened, of those that are open if any is. */
export function elderOf<I extends Incident>(all: I[]): I | undefined {
  const open = all.filter(isOpen);
  return [...(open.length > 0 ? open : all)].sort((a, b) => (a.id < b.id ? -1 : 1))[0];
}

export type Outcome = Pick<Incident, 'title' | 'severity' | 'observations' | 'sensors' | 'assignee'> & {
  /** It is over now, and will be open again. */
  reopens: boolean;
};

/** What an incident will be with others as parts of it. */
export function outcomeOf(whole: Incident, parts: Incident[]): Outcome {
  const all = [whole, ...parts];
  const strongest = all.reduce((best, i) => (rank(i) < rank(best) ? i : best));
  return {
    title: strongest.title,
    severity: all.reduce<Severity>((s, i) => (graver(i.severity, s) ? i.severity : s), 'info'),
    observations: all.reduce((sum, i) => sum + i.observations, 0),
    sensors: [...new Set(all.flatMap((i) => i.sensors))].sort(),
    assignee: whole.assignee,
    reopens: whole.state === 'resolved' && parts.some(isOpen),
  };
}

const graver = (a: Severity, b: Severity) => severities.indexOf(a) > severities.indexOf(b);

/** Why these cannot be merged; empty: they can. */
export function whyApart(all: Incident[]): string {
  const part = all.find((i) => i.merged_into !== null);
  if (part !== undefined) return `“${part.title}” is part of another already: split it off first.`;
  if (all.length < 2) return 'Choose another to merge it with.';
  return all.length > mostMerged ? `At most ${mostMerged} are merged at a time.` : '';
}

/** Whether several secrets would be one incident, each of which has to be revoked. */
export const holdsSeveralSecrets = (all: Incident[]): boolean =>
  new Set(all.filter((i) => i.key_kind === 'secret').map((i) => i.key)).size > 1;

/** The webhooks that ask for what a change of an incident says. */
export function whoHears(webhooks: Webhook[], severity: Severity): string[] {
  const topics = ['incident.0.updated', 'incident.0.closed'];
  return webhooks
    .filter((w) => w.state !== 'paused' && !graver(w.min_severity, severity))
    .filter((w) => w.topics.some((pattern) => topics.some((t) => matches(pattern, t))))
    .map((w) => w.id);
}

/** Whether a pattern of topics is of a topic: * is one token, > one or more at the end. */
function matches(pattern: string, topic: string): boolean {
  const [want, got] = [pattern.split('.'), topic.split('.')];
  if (want.at(-1) === '>')
    return got.length >= want.length && want.slice(0, -1).every((w, k) => w === '*' || w === got[k]);
  return want.length === got.length && want.every((w, k) => w === '*' || w === got[k]);
}
