import { useMediaQuery } from '@mantine/hooks';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import type { RefObject } from 'react';
import type { Quarantine } from '../../api/types';
import { ListFooter } from '../../components/ListFooter';
import { ReviewTag } from '../../components/ReviewTag';
import { SeverityMark, SeverityTag } from '../../components/Severity';
import { EvidenceLine, SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { type Column, VirtualTable } from '../../components/VirtualTable';
import { count } from '../../lib/format';
import classes from './Quarantine.module.css';

const columns: Column<Quarantine>[] = [
  { name: 'Severity', width: '92px', cell: (r) => <SeverityTag severity={r.severity} /> },
  { name: 'Secret', width: 'minmax(150px, 1fr)', cell: (r) => <Secret row={r} /> },
  {
    name: 'Evidence, redacted',
    width: 'minmax(160px, 2.2fr)',
    cell: (r) => <EvidenceLine>{r.redacted_content}</EvidenceLine>,
  },
  { name: 'Source', width: 'minmax(110px, 0.8fr)', cell: (r) => <Where row={r} /> },
  { name: 'Found', width: '92px', cell: (r) => <Ago at={r.timestamp} /> },
  { name: 'Review', width: '112px', cell: (r) => <ReviewTag entry={r} /> },
];

type Props = {
  rows: Quarantine[];
  cursor: number;
  fresh: Set<string>;
  scroller: RefObject<HTMLDivElement | null>;
  narrow: boolean;
  query: UseInfiniteQueryResult;
  onMore: () => void;
  onScrolled: (top: number) => void;
  onPick: (row: Quarantine) => void;
};

export function List({ rows, cursor, fresh, scroller, narrow, query, onMore, onScrolled, onPick }: Props) {
  const small = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
  const cards = small || narrow;
  return (
    <VirtualTable
      label="Quarantine entries"
      columns={columns}
      rows={rows}
      idOf={(r) => r.id}
      rowHeight={cards ? 66 : 38}
      card={cards ? (r) => <Card row={r} /> : undefined}
      scroller={scroller}
      cursor={cursor}
      fresh={fresh}
      onPick={onPick}
      onNearEnd={onMore}
      onScrolled={onScrolled}
      footer={<ListFooter shown={rows.length} one="entry" many="entries" query={query} />}
    />
  );
}

function Secret({ row }: { row: Quarantine }) {
  return (
    <strong title={row.rule}>
      <SafeText>{row.secret_type}</SafeText>
    </strong>
  );
}

function Where({ row }: { row: Quarantine }) {
  return (
    <>
      <SafeText>{row.source}</SafeText>
      {row.hypercore_position !== null && <span className={classes.index}> #{count(row.hypercore_position)}</span>}
    </>
  );
}

function Card({ row }: { row: Quarantine }) {
  return (
    <div className={classes.card}>
      <div className={classes.cardTop}>
        <SeverityMark severity={row.severity} />
        <span className={classes.cardTitle}>
          <Secret row={row} />
          <span className="sr-only">, {row.severity}</span>
        </span>
        <ReviewTag entry={row} />
      </div>
      <EvidenceLine>{row.redacted_content}</EvidenceLine>
      <div className={classes.cardMeta}>
        <span className={classes.cardTitle}>
          <Where row={row} />
        </span>
        <Ago at={row.timestamp} />
      </div>
    </div>
  );
}
