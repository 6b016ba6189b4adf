import type { EventFilter } from '../../api/events';
import type { Severity } from '../../api/types';
import { severities } from '../../components/Severity';
import { searchOf } from '../../lib/view';

/** Events may also be of no weight at all. */
export const grades: readonly Severity[] = [...severities, 'info'];

/** What the log is searched for. Times are in UTC, so that an address says the same everywhere. */
export type View = {
  topic?: string[];
  severity?: Severity[];
  since?: string;
  until?: string;
  subject?: string;
  cause?: string;
};

const mostTopics = 16; // the server takes no more
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/;

/** Reads the view out of the address; what it does not know, it ignores. */
export function readView(search: string): View {
  const q = new URLSearchParams(search);
  const topic = topicsOf(q.getAll('topic').join(' '));
  const severity = grades.filter((s) => q.getAll('severity').includes(s));
  const [since, until] = [timeOf(q.get('since')), timeOf(q.get('until'))];
  const [subject, cause] = [q.get('subject'), q.get('cause')];
  return {
    ...(topic.length > 0 && { topic }),
    ...(severity.length > 0 && { severity }),
    ...(since && { since }),
    ...(until && { until }),
    ...(subject && { subject }),
    ...(cause && { cause }),
  };
}

const timeOf = (text: string | null) =>
  text !== null && time.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;

/** Writes the view as a query string, always in the same order. */
export function writeView(v: View, open?: string): string {
  const q = new URLSearchParams();
  for (const t of v.topic ?? []) q.append('topic', t);
  for (const s of v.severity ?? []) q.append('severity', s);
  for (const name of ['since', 'until', 'subject', 'cause'] as const) {
    const value = v[name];
    if (value) q.set(name, value);
  }
  return searchOf(q, open);
}

/** The view as the API is asked for it. */
export const filterOf = ({ cause, ...rest }: View): EventFilter => ({
  ...rest,
  ...(cause && { correlation_id: cause }),
});

/** The patterns that somebody wrote, with blanks or commas between them. */
export const topicsOf = (text: string): string[] =>
  [...new Set(text.split(/[\s,]+/))].filter((t) => t !== '').slice(0, mostTopics);

/** A time of the view as an input for local time shows it, and back. */
export function localOf(utc: string | undefined): string {
  if (utc === undefined) return '';
  const at = new Date(utc);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function utcOf(local: string): string | undefined {
  const at = new Date(local);
  return local === '' || Number.isNaN(at.getTime()) ? undefined : `${at.toISOString().slice(0, 16)}Z`;
}
