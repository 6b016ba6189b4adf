import type { Finding } from '../../api/types';
import type { CsvColumn } from '../../lib/csv';

const names = [
  'id',
  'occurred_at',
  'source',
  'hypercore_position',
  'core_key',
  'fork',
  'bzzz_message_id',
  'rule',
  'secret_type',
  'severity',
  'confidence',
  'redacted',
  'field',
  'fingerprint',
  'quarantine_id',
  'correlation_id',
] as const satisfies (keyof Finding)[];

/** The columns of the exported file: the fields of the API by their names. */
export const exported: CsvColumn<Finding>[] = [
  ...names.map((name) => ({ name, value: (f: Finding) => f[name] })),
  { name: 'decoders', value: (f) => f.decoders.join(' ') },
];
