import type { Bucket } from '../../api/types';
import { dayLabel, hourLabel } from '../../lib/format';

export type Bar = { label: string; start: string; low: number; medium: number; high: number; critical: number };

const hour = 3_600_000;
const most = 400; // bars; more would be thinner than a pixel

/** Turns the server's sparse counts into bars without gaps, from `from` until the one that holds `now`. */
export function bars(buckets: Bucket[], from: string, widthHours: number, now: number): Bar[] {
  const width = widthHours * hour;
  const first = Date.parse(from);
  const n = Math.min(most, Math.max(1, Math.floor((now - first) / width) + 1));
  const whole = n * widthHours <= 48;
  const out = Array.from({ length: n }, (_, i) => emptyBar(first + i * width, whole));
  for (const b of buckets) {
    const bar = out[Math.floor((Date.parse(b.start) - first) / width)];
    if (bar !== undefined) bar[b.severity] += b.count;
  }
  return out;
}

function emptyBar(at: number, oneDay: boolean): Bar {
  const start = new Date(at).toISOString();
  const label = oneDay ? hourLabel(start) : `${dayLabel(start)} ${hourLabel(start)}`;
  return { label, start, low: 0, medium: 0, high: 0, critical: 0 };
}
