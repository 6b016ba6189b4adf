const hour = 3_600_000;
const day = 24 * hour;

/** For how long an incident is put aside. */
export const spans = [
  { value: 'hour', label: 'An hour' },
  { value: 'shift', label: '8 hours' },
  { value: 'morning', label: 'Until tomorrow, 9:00' },
  { value: 'week', label: 'A week' },
  { value: 'month', label: '30 days' },
] as const;

export type Span = (typeof spans)[number]['value'];

const long: Record<Exclude<Span, 'morning'>, number> = { hour, shift: 8 * hour, week: 7 * day, month: 30 * day };

/** Until when that is. */
export function untilOf(span: Span, now: Date): string {
  if (span !== 'morning') return new Date(now.getTime() + long[span]).toISOString();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 9).toISOString();
}

/** Whether an incident is put aside now. */
export const isSnoozed = (i: { snoozed_until: string | null; closed_at: string | null }, now: number) =>
  i.closed_at === null && i.snoozed_until !== null && Date.parse(i.snoozed_until) > now;
