import type { AnomalyTry, AnomalyTryOutcome } from '../../api/types';
import { count, plural, stamp } from '../../lib/format';

/** What a rule counts, of whoever had most of it. */
const measures: Record<AnomalyTryOutcome['form'], string> = {
  threshold: 'records of one key within the window',
  distinct: 'different values of one key within the window',
  sequence: 'records of the sequence that one key came to',
};

export const measureOf = (o: Pick<AnomalyTryOutcome, 'form'>): string => measures[o.form];

/** What a replay came to, in a sentence. */
export function verdict(t: AnomalyTry, stored = false): string {
  if (stored) return `${plural(t.draft.opened, 'anomaly', 'anomalies')} would have opened.`;
  const draft = `${plural(t.draft.opened, 'anomaly', 'anomalies')} with this`;
  if (t.now === undefined) return `${draft}.`;
  return `${plural(t.now.opened, 'anomaly', 'anomalies')} as the rule stands${t.now.runs ? '' : ' (it does not run)'}, ${t.draft.opened} with this.`;
}

const cuts: Record<string, string> = {
  records: 'it has too many records',
  bytes: 'its records are too long',
  time: 'it took too long',
};

/** What a reader has to know of a replay besides what it came to. */
export function cautions(t: AnomalyTry): string[] {
  const all: string[] = [];
  if (t.cut !== '')
    all.push(`Not all of the stretch was looked at: ${cuts[t.cut] ?? t.cut}. It ends at ${stamp(t.to)}.`);
  if (t.cold) all.push('There was too much to read just before the stretch: its first window may be counted short.');
  if (t.draft.already > 0)
    all.push(
      `${plural(t.draft.already, 'anomaly', 'anomalies')} had opened before the stretch and went on: not counted here.`,
    );
  if (t.draft.keyless > 0)
    all.push(`${plural(t.draft.keyless, 'record')} that matched do not say whose they are, and count for nobody.`);
  if (t.draft.unjudged) all.push('The condition could not be answered for some records, which did not count.');
  if (t.draft.opened > t.draft.episodes.length)
    all.push(`The first ${count(t.draft.episodes.length)} anomalies are shown.`);
  return all;
}

/** What the drawing shows, for who does not see it. */
export function spoken(t: AnomalyTry, o: AnomalyTryOutcome): string {
  const span = `From ${stamp(t.from)} to ${stamp(t.to)}`;
  const top = o.buckets.reduce((best, b) => (b.peak > best.peak ? b : best), { at: t.from, peak: 0, matched: 0 });
  if (o.matched === 0) return `${span} no record matched.`;
  const most = `${plural(o.matched, 'record')} matched; the most ${measureOf(o)} were ${count(top.peak)}, at ${stamp(top.at)}`;
  const limit = `${count(o.threshold)} open an anomaly`;
  return `${span} ${most}. ${limit}: ${o.opened === 0 ? 'none' : count(o.opened)} would have opened.`;
}

/** A place of time in a stretch, from 0 to 1. */
export function placeOf(at: string, from: string, to: string): number {
  const [a, b, c] = [at, from, to].map((t) => new Date(t).getTime()) as [number, number, number];
  return c <= b ? 0 : Math.min(1, Math.max(0, (a - b) / (c - b)));
}

/** Puts bars into as few lanes as keep them apart, at most so many; the others are counted. */
export function lanes<T extends { from: number; to: number }>(
  bars: T[],
  most: number,
): { laid: (T & { lane: number })[]; left: number } {
  const ends: number[] = [];
  const laid: (T & { lane: number })[] = [];
  for (const b of bars) {
    let lane = ends.findIndex((end) => end < b.from);
    if (lane < 0) lane = ends.length;
    if (lane >= most) continue;
    ends[lane] = b.to;
    laid.push({ ...b, lane });
  }
  return { laid, left: bars.length - laid.length };
}

/** The line that what is wrong with a text names, from 1; 1 when it names none. */
export const lineOf = (message: string): number => Number(/^line (\d+)/.exec(message)?.[1] ?? 1);

export const stretches = [
  { value: '1', label: 'last hour' },
  { value: '6', label: 'last 6 hours' },
  { value: '24', label: 'last day' },
  { value: '72', label: 'last 3 days' },
  { value: '168', label: 'last 7 days' },
];

/** When a stretch of so many hours begins. A second less than the most there is: clocks differ. */
export const sinceOf = (hours: number, now: number): string => new Date(now - hours * 3_600_000 + 5_000).toISOString();
