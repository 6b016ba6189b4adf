/** Bytes that an attacker sent, as the API gives them: in base64. */
export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

/** The text that the bytes are in UTF-8, all of it; null: they are no text. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

const perLine = 8; // fits into a pane

/** The bytes line by line: where, what, and the printable of them. */
export function hexdump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += perLine) lines.push(dumpLine(at, bytes.subarray(at, at + perLine)));
  return lines.join('\n');
}

function dumpLine(at: number, bytes: Uint8Array): string {
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(' ');
  const shown = Array.from(bytes, (b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.')).join('');
  return `${at.toString(16).padStart(4, '0')}  ${hex.padEnd(3 * perLine - 1)}  ${shown}`;
}
