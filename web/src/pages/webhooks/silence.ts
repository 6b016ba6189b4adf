import type { EventRecord, Severity, SilenceRequest } from '../../api/types';
import { severities } from '../../components/Severity';

/** What the form of a silence holds: lists as somebody wrote them, with blanks or commas between. */
export type Draft = {
  topics: string;
  webhooks: string;
  rules: string;
  sources: string;
  max_severity: Severity;
  minutes: number;
};

export const blank: Draft = { topics: '', webhooks: '', rules: '', sources: '', max_severity: 'high', minutes: 120 };

export const lengths = [
  { value: '60', label: '1 hour' },
  { value: '120', label: '2 hours' },
  { value: '480', label: '8 hours' },
  { value: '1440', label: '1 day' },
  { value: '10080', label: '7 days' },
  { value: '43200', label: '30 days' },
  { value: '129600', label: '90 days' },
];

export const wordsOf = (text: string): string[] => [...new Set(text.split(/[\s,]+/))].filter((w) => w !== '');

/** The silence as the API is asked for it. */
export function requestOf(d: Draft, reason: string): SilenceRequest {
  const some = (name: 'webhooks' | 'rules' | 'sources') => {
    const all = wordsOf(d[name]);
    return all.length === 0 ? {} : { [name]: all };
  };
  return {
    topics: wordsOf(d.topics),
    ...some('webhooks'),
    ...some('rules'),
    ...some('sources'),
    max_severity: d.max_severity,
    minutes: d.minutes,
    reason,
  };
}

const announcement = 'system.silence.changed'; // that somebody silences is always told

/** Whether a silence would keep an event of its topics back. As the server does: rather an alert too many. */
export function hides(d: Draft, e: EventRecord): boolean {
  if (e.topic === announcement || rank(e.severity) > rank(d.max_severity)) return false;
  return names(wordsOf(d.rules), e.data, 'rule') && names(wordsOf(d.sources), e.data, 'source_id');
}

const order: Severity[] = [...severities, 'info'];
const rank = (s: Severity) => -order.indexOf(s);

const names = (wanted: string[], data: unknown, field: string): boolean => {
  if (wanted.length === 0) return true;
  const value = (data as Record<string, unknown> | null)?.[field];
  return typeof value === 'string' && wanted.includes(value);
};

/** What it would have done in the last day: kept so many back, and told so many that are worse or another's. */
export function reachOf(d: Draft, events: EventRecord[]): { hidden: EventRecord[]; told: number } {
  const hidden = events.filter((e) => hides(d, e));
  return { hidden, told: events.length - hidden.length };
}
