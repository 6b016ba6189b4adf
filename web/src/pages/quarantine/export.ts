import type { Quarantine } from '../../api/types';
import type { CsvColumn } from '../../lib/csv';

const names = [
  'id',
  'timestamp',
  'source',
  'hypercore_position',
  'core_key',
  'fork',
  'bzzz_message_id',
  'message_type',
  'from',
  'label',
  'rule',
  'secret_type',
  'severity',
  'confidence',
  'redacted_content',
  'full_content_hash',
  'fingerprint',
  'occurrences',
  'disposition',
  'reviewed',
  'review_action',
  'review_reason',
  'reviewer',
  'review_timestamp',
  'correlation_id',
] as const satisfies (keyof Quarantine)[];

/** The columns of the exported file: the fields of the API by their names. */
export const exported: CsvColumn<Quarantine>[] = names.map((name) => ({ name, value: (q) => q[name] }));
