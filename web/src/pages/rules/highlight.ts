/** Where a rule matched, in UTF-16 units: the way strings count here. */
export type Span = { start: number; end: number };
export type Piece<S> = { text: string; at: number; found?: S };

/**
 * Cuts text into what a rule matched and what is between. Spans that overlap
 * become one, under the first's name.
 */
export function pieces<S extends Span>(text: string, spans: S[]): Piece<S>[] {
  const out: Piece<S>[] = [];
  let at = 0;
  for (const m of merge(spans, text.length)) {
    if (m.from > at) out.push({ text: text.slice(at, m.from), at });
    out.push({ text: text.slice(m.from, m.to), at: m.from, found: m.found });
    at = m.to;
  }
  if (at < text.length) out.push({ text: text.slice(at), at });
  return out;
}

type Merged<S> = { from: number; to: number; found: S };

function merge<S extends Span>(spans: S[], length: number): Merged<S>[] {
  const out: Merged<S>[] = [];
  for (const s of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const from = Math.max(0, s.start);
    const to = Math.min(length, s.end);
    const last = out.at(-1);
    if (from >= to) continue;
    if (last !== undefined && from < last.to) last.to = Math.max(last.to, to);
    else out.push({ from, to, found: s });
  }
  return out;
}

/** The size of a text as it is sent, in bytes. */
export const byteLength = (text: string) => new TextEncoder().encode(text).length;
