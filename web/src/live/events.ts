import type { Quarantine, Severity, SourceState } from '../api/types';

/** The envelope every event comes in. */
export type Envelope<T = unknown> = {
  id: string;
  topic: string;
  time: string;
  source: string;
  severity: Severity;
  subject?: string;
  correlation_id?: string;
  data: T;
};
export type Quarantined = {
  fingerprint: string;
  rule: string;
  secret_type: string;
  confidence: number;
  occurred_at: string;
  source_id: string;
  hypercore_position: number | null;
  core_key?: string;
  fork: number;
  bzzz_message_id: string;
  quarantine_id: string;
  redacted_content: string;
  full_content_hash: string;
  occurrences: number;
  disposition: Quarantine['disposition'];
  message_type?: string;
  from?: string;
  recommendation?: string;
};
export type Reviewed = {
  quarantine_id: string;
  action: Quarantine['review_action'];
  reviewer: string;
  reason?: string;
};
/** Who does something on which decky, in every event about it. */
export type Contact = {
  decky: string;
  service: string;
  source_ip: string;
  attacker_id: string;
  session: string;
  occurred_at: string;
};
export type Traffic = Contact & { type: string; number: number; interaction: boolean; summary?: string };
export type Started = Contact & { source_port: number };
export type Ended = Contact & {
  seconds: number;
  logged_in: boolean;
  attempts: number;
  commands: number;
  artifacts: number;
};
export type Captured = Contact & { credential_id: string; principal: string; accepted: boolean; leaked: boolean };
export type SourceChanged = { source_id: string; state: SourceState; detail?: string; position: number | null };

// What every page may show, and no more: workers' beats and what is done on deckies would fill the line.
const followed = [
  'leak.>',
  'rule.>',
  'incident.>',
  'response.>',
  'egress.>',
  'attacker.>',
  'credential.>',
  'decky.*.state',
  'system.webhook.subscriptions_changed',
];

/** Where the stream of what every page shows, and of more topics, is. */
export function addressOf(more: string[]): string {
  const all = [...new Set([...followed, ...more])];
  return `/api/v1/stream?${new URLSearchParams(all.map((t) => ['topics', t]))}`;
}

export const topics = {
  quarantined: 'leak.message.quarantined',
  reviewed: 'leak.quarantine.reviewed',
  finding: 'leak.finding.detected',
  rule: /^rule\./,
  killSwitch: 'egress.killswitch.changed',
  egress: /^egress\./,
  incident: /^incident\./,
  action: 'response.action.changed',
  block: 'response.block.changed',
  response: /^response\./,
  anomaly: /^anomaly\./,
  traffic: /^decky\.[^.]+\.traffic$/,
  sessionStarted: 'attacker.session.started',
  sessionEnded: 'attacker.session.ended',
  captured: 'credential.captured',
  deception: /^(attacker|credential|decky)\./,
  webhooks: 'system.webhook.subscriptions_changed',
  gossip: /^leak\.(gateway\..+|withheld\.changed)$/,
  sourceState: /^leak\.source\.[^.]+\.state$/,
};

/** The row an event tells of, so that it can be shown without asking again. */
export function rowOf(e: Envelope<Quarantined>): Quarantine {
  const d = e.data;
  return {
    id: d.quarantine_id,
    timestamp: d.occurred_at,
    source: d.source_id,
    hypercore_position: d.hypercore_position,
    core_key: d.core_key ?? '',
    fork: d.fork,
    bzzz_message_id: d.bzzz_message_id,
    message_type: d.message_type ?? '',
    from: d.from ?? '',
    label: '',
    rule: d.rule,
    secret_type: d.secret_type,
    severity: e.severity === 'info' ? 'low' : e.severity, // info never enters quarantine
    confidence: d.confidence,
    redacted_content: d.redacted_content,
    full_content_hash: d.full_content_hash,
    fingerprint: d.fingerprint,
    occurrences: d.occurrences,
    disposition: d.disposition,
    correlation_id: e.correlation_id ?? '',
    recommendation: d.recommendation ?? '',
    ...unreviewed,
  };
}

const unreviewed = {
  reviewed: false,
  review_action: null,
  review_reason: '',
  reviewer: null,
  review_timestamp: null,
} as const;
