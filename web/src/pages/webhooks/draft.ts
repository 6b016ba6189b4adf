import type { Delivery, Severity, Webhook, WebhookList, WebhookRequest, WebhookUpdate } from '../../api/types';
import { type Step, stepsFrom, stepsMade } from './steps';

/** What the form of a webhook holds. */
export type Draft = {
  id: string;
  url: string;
  format: string;
  secret: string;
  new_secret: boolean;
  presets: string[];
  topics: string[];
  min_severity: Severity;
  min_confidence: number | ''; // percent
  rules: string[];
  sources: string[];
  escalate: Step[];
  allow_private: boolean;
  reason: string;
  kept: Kept;
};

/** What the form does not show and must not lose. */
type Kept = Pick<WebhookUpdate, 'digest' | 'quiet' | 'timezone' | 'urgent' | 'template'>;

/** The fields as the API names them in its errors. */
export const fields = [
  'id',
  'url',
  'format',
  'secret',
  'new_secret',
  'presets',
  'topics',
  'min_severity',
  'min_confidence',
  'rules',
  'sources',
  'escalate',
  'allow_private',
  'reason',
] as const satisfies (keyof Draft)[];

export const blank: Draft = {
  id: '',
  url: '',
  format: 'generic',
  secret: '',
  new_secret: false,
  presets: ['Leaks'],
  topics: [],
  min_severity: 'info',
  min_confidence: 0,
  rules: [],
  sources: [],
  escalate: [],
  allow_private: false,
  reason: '',
  kept: {},
};

type Presets = WebhookList['presets'];

/** The form of a stored webhook. Its topics hold those of its presets; here they stand once. */
export function draftFrom(w: Webhook, presets: Presets): Draft {
  const covered = new Set(presets.filter((p) => w.presets.includes(p.name)).flatMap((p) => p.patterns));
  return {
    ...blank,
    id: w.id,
    format: w.format,
    presets: w.presets,
    topics: w.topics.filter((t) => !covered.has(t)),
    min_severity: w.min_severity,
    min_confidence: Math.round(w.min_confidence * 100),
    rules: w.rules,
    sources: w.sources,
    escalate: stepsFrom(w.escalate),
    allow_private: w.allow_private,
    kept: {
      digest: w.digest,
      quiet: w.quiet,
      timezone: w.timezone,
      urgent: w.urgent,
      template: w.template,
    },
  };
}

const settings = (d: Draft) => ({
  ...d.kept,
  template: d.format === 'template' ? d.kept.template : undefined,
  format: d.format,
  presets: d.presets,
  topics: d.topics,
  min_severity: d.min_severity,
  min_confidence: Number(d.min_confidence) / 100,
  rules: d.rules,
  sources: d.sources,
  escalate: stepsMade(d.escalate),
  allow_private: d.allow_private,
  reason: d.reason.trim() || undefined,
});

export const made = (d: Draft): WebhookRequest => ({
  ...settings(d),
  id: d.id.trim(),
  url: d.url.trim(),
  secret: d.secret || undefined,
});

/** The change of a stored webhook: an empty address or secret stays as it is. */
export const changed = (d: Draft): WebhookUpdate => ({
  ...settings(d),
  url: d.url.trim() || undefined,
  secret: d.secret || undefined,
  new_secret: d.new_secret || undefined,
});

/** What a webhook listens to, in few words. */
export function topicsOf(w: Webhook, presets: Presets): string {
  const { presets: names, topics } = draftFrom(w, presets);
  return [...names, ...topics].join(', ');
}

/** The tag of a delivery: failed is not the end of it, as it is elsewhere. */
export const tagOf = (d: Delivery) => (d.state === 'failed' ? 'retrying' : d.state);
