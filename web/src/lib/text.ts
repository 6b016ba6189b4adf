/**
 * Text from messages is hostile until shown otherwise: escape sequences,
 * direction overrides and invisible characters are made visible, and the
 * redacted part of evidence is told apart. Everything here returns plain
 * segments; nothing ever becomes HTML.
 */
export type Segment = { kind: 'text' | 'secret' | 'edge' | 'control'; text: string; title?: string };

// A redacted secret: up to 4 leading characters, asterisks, up to 3 trailing
// ones. Longer words before the asterisks are not part of it ("password****").
const redacted = /(?<![\w+/-])([\w+/-]{1,4})?(\*{3,})([\w+/=-]{1,3}(?![\w+/=-]))?|(\*{3,})/gu;

/** Splits evidence into plain text, the redacted secret and its visible edges. */
export function evidence(input: string): Segment[] {
  const out: Segment[] = [];
  let at = 0;
  for (const m of input.matchAll(redacted)) {
    push(out, 'text', input.slice(at, m.index));
    push(out, 'edge', m[1] ?? '');
    push(out, 'secret', m[2] ?? m[4] ?? '');
    push(out, 'edge', m[3] ?? '');
    at = m.index + m[0].length;
  }
  push(out, 'text', input.slice(at));
  return out.flatMap((s) => (s.kind === 'text' ? visible(s.text) : [s]));
}

const lead = 28; // characters before the secret that a line keeps

/** Evidence on one line, cut at its start so that the secret comes into sight. */
export function line(input: string): string {
  const flat = input.replace(/\s+/g, ' ');
  const at = flat.indexOf('***');
  return at > lead * 1.5 ? `…${flat.slice(at - lead)}` : flat;
}

// Control (Cc) except line feed, format (Cf: zero width, direction marks), and
// the line and paragraph separators.
const hidden = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Splits text so that control and invisible characters stand out by name. */
export function visible(input: string): Segment[] {
  const out: Segment[] = [];
  let at = 0;
  for (const m of input.matchAll(hidden)) {
    if (m[0] === '\n' || m[0] === '\t') continue;
    push(out, 'text', input.slice(at, m.index));
    out.push(control(m[0]));
    at = m.index + m[0].length;
  }
  push(out, 'text', input.slice(at));
  return out;
}

// The abbreviations of the C0 characters (ISO 6429), in order. Few fonts have
// glyphs for Unicode's Control Pictures, so they are spelled out.
const c0 =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );

function control(ch: string): Segment {
  const code = ch.codePointAt(0) ?? 0;
  const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = code === 0x7f ? 'DEL' : (c0[code] ?? point);
  return { kind: 'control', text: `<${name}>`, title: `control character ${point}` };
}

function push(out: Segment[], kind: Segment['kind'], text: string): void {
  if (text !== '') out.push({ kind, text });
}

/** The same as one string, for attributes such as title and aria-label. */
export function plain(input: string): string {
  return visible(input)
    .map((s) => s.text)
    .join('');
}
