import type { AuditRecord } from '../../api/types';
import type { CsvColumn } from '../../lib/csv';

/** The columns of the file; before and after as JSON. */
export const exported: CsvColumn<AuditRecord>[] = [
  { name: 'seq', value: (r) => r.seq },
  { name: 'time', value: (r) => r.time },
  { name: 'actor_kind', value: (r) => r.actor.kind },
  { name: 'actor', value: (r) => r.actor.name },
  { name: 'role', value: (r) => r.actor.role },
  { name: 'address', value: (r) => r.actor.addr },
  { name: 'action', value: (r) => r.action },
  { name: 'target', value: (r) => r.target },
  { name: 'reason', value: (r) => r.reason },
  { name: 'before', value: (r) => JSON.stringify(r.before ?? null) },
  { name: 'after', value: (r) => JSON.stringify(r.after ?? null) },
  { name: 'hash', value: (r) => r.hash },
];
