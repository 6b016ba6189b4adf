import type { AuditCheckpoint } from '../../api/types';

/** A checkpoint is a few hundred bytes; a file beyond this is something else. */
export const checkpointLimit = 16 << 10;

const texts = ['hash', 'time', 'key_id', 'public_key', 'signature'] as const;

/** Reads a saved checkpoint. The server checks the signature; here only that it is one at all. */
export function parseCheckpoint(text: string): AuditCheckpoint {
  const c = parse(text);
  const whole = Number.isInteger(c.seq) && texts.every((k) => typeof c[k] === 'string' && c[k] !== '');
  if (!whole) throw new Error('This file is not a checkpoint: it is not what "Save checkpoint" writes.');
  const { seq, hash, time, key_id, public_key, signature } = c as AuditCheckpoint;
  return { seq, hash, time, key_id, public_key, signature };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
