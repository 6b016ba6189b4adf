import type { EgressDecision } from '../../api/types';
import type { CsvColumn } from '../../lib/csv';

const names = [
  'id',
  'time',
  'node',
  'seq',
  'flow',
  'decision',
  'would',
  'reason',
  'rule',
  'detail',
  'host',
  'port',
  'address',
  'protocol',
  'method',
  'url',
  'bytes_out',
  'bytes_in',
  'ended_at',
  'client',
  'pid',
  'exe',
  'cmdline',
] as const satisfies (keyof EgressDecision)[];

/** The columns of the exported file: the fields of the API by their names. */
export const exported: CsvColumn<EgressDecision>[] = names.map((name) => ({
  name,
  value: (d: EgressDecision) => d[name],
}));
