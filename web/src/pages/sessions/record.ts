/**
 * A recorded terminal: lines of asciicast v2
 * (https://docs.asciinema.org/manual/asciicast/v2/). An attacker decided what is
 * in it, so what is malformed is left out, and sizes have bounds.
 */
export type Frame = { at: number } & ({ kind: 'output'; text: string } | { kind: 'size'; cols: number; rows: number });
export type Recording = { cols: number; rows: number; began: number | null; frames: Frame[] };

/** How much of a record the page holds, in bytes; `cordon session replay` has no bound. */
export const recordBound = 16 * 1024 * 1024;

/** Reads the lines of a record, the first of which is its header. */
export function readRecord(lines: string[]): Recording {
  const head = object(lines[0]);
  const size = clamped(Number(head.width), Number(head.height)) ?? { cols: 80, rows: 24 };
  const began = typeof head.timestamp === 'number' ? head.timestamp : null;
  const frames: Frame[] = [];
  let last = 0;
  for (const line of lines) {
    const frame = readFrame(line, last);
    if (frame === null) continue;
    frames.push(frame);
    last = frame.at;
  }
  return { ...size, began, frames };
}

// Time never runs backwards: a frame that says so comes right after the one before.
function readFrame(line: string, last: number): Frame | null {
  const v = parsed(line);
  if (!Array.isArray(v) || typeof v[0] !== 'number' || typeof v[2] !== 'string') return null;
  const at = Math.max(last, v[0]);
  if (v[1] === 'o') return { at, kind: 'output', text: v[2] };
  if (v[1] !== 'r') return null;
  const [cols, rows] = v[2].split('x').map(Number);
  const size = clamped(cols, rows);
  return size && { at, kind: 'size', ...size };
}

function clamped(cols = Number.NaN, rows = Number.NaN): { cols: number; rows: number } | null {
  if (!(cols >= 1) || !(rows >= 1)) return null;
  return { cols: Math.min(Math.trunc(cols), 400), rows: Math.min(Math.trunc(rows), 120) };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function object(line: string | undefined): Record<string, unknown> {
  const v = parsed(line ?? '');
  return typeof v === 'object' && v !== null ? (v as Record<string, unknown>) : {};
}

/** When the last frame comes, in seconds. */
export const lengthOf = (frames: Frame[]): number => frames.at(-1)?.at ?? 0;

/** How many frames have come by then. */
export function framesUntil(frames: Frame[], at: number): number {
  let [low, high] = [0, frames.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((frames[middle] as Frame).at <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const longest = 2; // seconds that a pause lasts when pauses are skipped

/** Where the playback stands so many seconds later. */
export function advance(frames: Frame[], at: number, seconds: number, skipPauses: boolean): number {
  const next = frames[framesUntil(frames, at)];
  if (next === undefined) return lengthOf(frames);
  const from = skipPauses ? Math.max(at, next.at - longest) : at;
  return Math.min(from + seconds, lengthOf(frames));
}

/**
 * When in the record something was done. The header has whole seconds, so a jump
 * lands up to a second before it.
 */
export function placeOf(r: Recording, timestamp: string): number | null {
  const at = Date.parse(timestamp) / 1000;
  if (r.began === null || Number.isNaN(at)) return null;
  return Math.min(Math.max(0, at - r.began - 1), lengthOf(r.frames));
}

/** "1:05", "1:02:05". */
export function clock(seconds: number): string {
  const s = Math.floor(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(s / 60) % 60;
  return s < 3600 ? `${minutes}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(minutes)}:${two(s % 60)}`;
}
