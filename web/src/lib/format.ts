/** Formatting for people. Times are shown in the browser's zone, titles in UTC. */

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "12 s ago", "3 min ago", "2 h ago", "5 d ago". */
export function ago(iso: string, now: number = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (Number.isNaN(seconds)) return 'unknown';
  if (seconds < 5) return 'just now';
  for (const [unit, size] of units) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${short(unit)} ago`;
  }
  return `${seconds} s ago`;
}

function short(unit: Intl.RelativeTimeFormatUnit): string {
  return { day: 'd', hour: 'h', minute: 'min' }[unit as 'day' | 'hour' | 'minute'];
}

/** A count with thousands grouped by thin spaces: 58 321. */
export function count(n: number): string {
  return Math.trunc(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** A count short enough for a badge: 999, 1.2k, 35k, 4.1M. */
export function compact(n: number): string {
  if (n < 1_000) return String(n);
  const [value, suffix] = n < 999_500 ? [n / 1_000, 'k'] : [n / 1_000_000, 'M'];
  return `${value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)}${suffix}`;
}

/** "2026-11-20 19:23:04" in local time. */
export function stamp(iso: string): string {
  const d = new Date(iso);
  if (Number.isNaN(d.getTime())) return iso;
  return `${day(d)} ${clock(d)}`;
}

/** "2026-11-20 19:23:04.123456 UTC", exactly as recorded. */
export function utc(iso: string): string {
  return iso.replace('T', ' ').replace(/Z$/, ' UTC');
}

function day(d: Date): string {
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

function clock(d: Date): string {
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** "19:00" for the hour a time falls in, in local time. */
export function hourLabel(iso: string): string {
  const d = new Date(iso);
  return `${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** "Nov 20", in local time. */
export function dayLabel(iso: string): string {
  return new Date(iso).toLocaleDateString('en', { month: 'short', day: 'numeric' });
}

/** "Nov 20", in UTC. */
export function utcDay(iso: string): string {
  return new Date(iso).toLocaleDateString('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });
}

/** A size: "64 KiB", "1.5 MiB", "900 B". */
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  const [value, unit] =
    n < 1024 ** 2 ? [n / 1024, 'KiB'] : n < 1024 ** 3 ? [n / 1024 ** 2, 'MiB'] : [n / 1024 ** 3, 'GiB'];
  return `${value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} ${unit}`;
}

const two = (n: number) => String(n).padStart(2, '0');

/** Confidence 0..1 as "97 %". Never rounds up to certainty. */
export function percent(x: number): string {
  const p = Math.round(x * 100);
  return `${p === 100 && x < 1 ? 99 : p}\u202f%`;
}

/** A long identifier cut in the middle: "3f9a…c41d". */
export function middle(s: string, head = 8, tail = 4): string {
  return s.length <= head + tail + 1 ? s : `${s.slice(0, head)}…${s.slice(-tail)}`;
}

/** "1 entry", "2 entries". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** Wraps a value for a POSIX shell: single quotes, inner ones escaped. */
export function shellQuote(s: string): string {
  return /^[\w@%+=:,./-]+$/.test(s) ? s : `'${s.replaceAll("'", `'\\''`)}'`;
}
