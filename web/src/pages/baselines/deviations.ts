import type { EgressBaseline, EventRecord } from '../../api/types';

/** An event egress.baseline.deviated: what was unusual, and why. */
export type Deviation = {
  id: string;
  program: string;
  host: string;
  unit: 'bytes' | 'requests';
  daily: boolean;
  observed: number;
  explanation: string;
  at: string;
};

/** What events say, as far as it can be read. */
export function deviationsOf(events: EventRecord[]): Deviation[] {
  return events.flatMap((e) => {
    const d = e.data as Record<string, unknown> | null;
    if (typeof d !== 'object' || d === null || typeof d.host !== 'string' || typeof d.observed !== 'number') return [];
    return [
      {
        id: e.id,
        program: typeof d.program === 'string' ? d.program : '',
        host: d.host,
        unit: d.unit === 'requests' ? 'requests' : 'bytes',
        daily: d.measure === 'bytes_out_daily',
        observed: d.observed,
        explanation: typeof d.explanation === 'string' ? d.explanation : '',
        at: typeof d.occurred_at === 'string' ? d.occurred_at : e.time,
      },
    ];
  });
}

/** Those of a baseline, of its node. */
export const ofPair = (all: Deviation[], b: Pick<EgressBaseline, 'program' | 'host'>): Deviation[] =>
  all.filter((d) => d.program === b.program && d.host === b.host);

/** The hour of the day in UTC, as baselines count, with its fraction. */
export function hourOf(iso: string): number {
  const d = new Date(iso);
  return d.getUTCHours() + d.getUTCMinutes() / 60;
}

/** What is sent on a usual day, in bytes. */
export function usualDay(b: Pick<EgressBaseline, 'days'>): number {
  return b.days.length === 0 ? 0 : b.days.reduce((sum, d) => sum + d.bytes, 0) / b.days.length;
}
