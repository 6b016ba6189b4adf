import type { Bucket } from '../../api/types';
import { dayLabel, hourLabel, utcDay } from '../../lib/format';

/** Counts of one span of time. The label names the span in full, the tick is short, for the axis. */
export type Bar = {
  label: string;
  tick: string;
  start: string;
  low: number;
  medium: number;
  high: number;
  critical: number;
};

const hour = 3_600_000;
const most = 400; // bars; more would be thinner than a pixel

/** Turns the server's sparse counts into bars without gaps, from `from` until the one that holds `now`. */
export function bars(buckets: Bucket[], from: string, widthHours: number, now: number): Bar[] {
  const width = widthHours * hour;
  const first = Date.parse(from);
  const n = Math.min(most, Math.max(1, Math.floor((now - first) / width) + 1));
  const whole = n * widthHours <= 48;
  const out = Array.from({ length: n }, (_, i) => emptyBar(first + i * width, width, whole));
  for (const b of buckets) {
    const bar = out[Math.floor((Date.parse(b.start) - first) / width)];
    if (bar !== undefined) bar[b.severity] += b.count;
  }
  return out;
}

function emptyBar(at: number, width: number, oneDay: boolean): Bar {
  const start = new Date(at).toISOString();
  const end = new Date(at + width).toISOString();
  const zero = { start, low: 0, medium: 0, high: 0, critical: 0 };
  // The server's days are UTC days: a local label would put them a day off.
  if (width >= 24 * hour) return { ...zero, label: `${utcDay(start)} (UTC)`, tick: utcDay(start) };
  const span = `${hourLabel(start)} – ${hourLabel(end)}`;
  return { ...zero, label: `${dayLabel(start)}, ${span}`, tick: oneDay ? hourLabel(start) : dayLabel(start) };
}

export const total = (b: Bar): number => b.low + b.medium + b.high + b.critical;

/** Round values for an axis from 0 to at least max: whole numbers, two to five of them. */
export function ticks(max: number): number[] {
  const rough = Math.max(1, max / 4);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10) * power;
  const n = Math.max(1, Math.ceil(max / step));
  return Array.from({ length: n + 1 }, (_, i) => i * step);
}

/** Which bars carry a tick: where the text changes, at least `gap` pixels apart. */
export function labelled(data: Bar[], step: number, gap: number): number[] {
  const out: number[] = [];
  data.forEach((b, i) => {
    const last = out.at(-1);
    const changed = i === 0 || data[i - 1]?.tick !== b.tick;
    if (changed && (last === undefined || (i - last) * step >= gap)) out.push(i);
  });
  return out;
}
