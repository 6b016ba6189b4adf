import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { UseQueryResult } from '@tanstack/react-query';
import { FilterX, SlidersHorizontal } from 'lucide-react';
import type { RefObject } from 'react';
import type { AnomalyRule } from '../../api/types';
import { SeverityMark, SeverityTag } from '../../components/Severity';
import { ListSide } from '../../components/Split';
import { ErrorNotice, Notice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { type Column, VirtualTable } from '../../components/VirtualTable';
import { count, plural } from '../../lib/format';
import rules from '../rules/Rules.module.css';
import { fromOf, stateOf } from './filters';

const columns: Column<AnomalyRule>[] = [
  { name: 'Severity', width: '92px', cell: (r) => (r.severity === '' ? null : <SeverityTag severity={r.severity} />) },
  { name: 'Rule', width: 'minmax(150px, 1fr)', cell: (r) => <SafeText mono>{r.id}</SafeText> },
  { name: 'Too much is', width: 'minmax(200px, 2fr)', cell: (r) => <SafeText>{r.words || r.problem}</SafeText> },
  { name: 'From', width: '120px', cell: (r) => <SafeText>{fromOf(r)}</SafeText> },
  { name: 'Opened', width: '72px', cell: (r) => <Opened n={r.opened} /> },
  { name: 'Last', width: '84px', cell: (r) => (r.last_opened_at === null ? null : <Ago at={r.last_opened_at} />) },
  { name: 'State', width: '92px', cell: (r) => <StateTag state={stateOf(r)} /> },
];

type Props = {
  query: UseQueryResult;
  none: boolean;
  rows: AnomalyRule[];
  idOf: (r: AnomalyRule) => string;
  cursor: number;
  narrow: boolean;
  scroller: RefObject<HTMLDivElement | null>;
  onPick: (r: AnomalyRule) => void;
  onClear: () => void;
};

/** The list in each of its states: on its way, broken, empty, filled. */
export function RuleList({ query, none, rows, idOf, cursor, narrow, scroller, onPick, onClear }: Props) {
  const small = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
  const cards = small || narrow;
  return (
    <ListSide label="Anomaly rules">
      {query.isPending && <SkeletonRows rows={12} height={22} />}
      {query.isError && query.data === undefined && (
        <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      )}
      {none && <None />}
      {query.isSuccess && !none && rows.length === 0 && <NoMatch onClear={onClear} />}
      {rows.length > 0 && (
        <VirtualTable
          label="Anomaly rules"
          columns={columns}
          rows={rows}
          idOf={idOf}
          rowHeight={cards ? 56 : 38}
          card={cards ? (r) => <Card rule={r} /> : undefined}
          scroller={scroller}
          cursor={cursor}
          onPick={onPick}
          footer={<div className={rules.footer}>{plural(rows.length, 'rule')}</div>}
        />
      )}
    </ListSide>
  );
}

function Opened({ n }: { n: number }) {
  return <span className={n === 0 ? rules.quiet : 'num'}>{n === 0 ? 'none' : count(n)}</span>;
}

function Card({ rule: r }: { rule: AnomalyRule }) {
  return (
    <div className={rules.card} data-off={!r.enabled || undefined}>
      <div className={rules.line}>
        {r.severity !== '' && <SeverityMark severity={r.severity} />}
        <span className={rules.grow}>
          <SafeText mono>{r.id}</SafeText>
          <span className="sr-only">, {r.severity}</span>
        </span>
        <StateTag state={stateOf(r)} />
      </div>
      <div className={`${rules.line} ${rules.quiet}`}>
        <span className={rules.grow}>
          <SafeText>{r.words || r.problem}</SafeText>
        </span>
        {r.opened > 0 && <span className="num">{count(r.opened)} opened</span>}
      </div>
    </div>
  );
}

function None() {
  return (
    <Notice icon={<SlidersHorizontal size={26} />} title="No rules of your own yet">
      <p>
        What is too much without them is on the page Anomalies. A rule says what else is: so many records, different
        values, or one after another. Make one here, or name files with anomaly.rules.
      </p>
    </Notice>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <Notice
      icon={<FilterX size={26} />}
      title="No rule matches"
      action={
        <Button variant="default" onClick={onClear}>
          Clear the filter
        </Button>
      }
    />
  );
}
