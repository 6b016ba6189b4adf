import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { UseQueryResult } from '@tanstack/react-query';
import { FilterX, ScrollText } from 'lucide-react';
import type { RefObject } from 'react';
import type { Rule } from '../../api/types';
import { SeverityMark, SeverityTag } from '../../components/Severity';
import { ListSide } from '../../components/Split';
import { ErrorNotice, Notice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { type Column, VirtualTable } from '../../components/VirtualTable';
import { count, percent, plural } from '../../lib/format';
import classes from './Rules.module.css';

const columns: Column<Rule>[] = [
  { name: 'Severity', width: '92px', cell: (r) => <SeverityTag severity={r.severity} /> },
  { name: 'Rule', width: 'minmax(180px, 1fr)', cell: (r) => <SafeText mono>{r.id}</SafeText> },
  { name: 'What it finds', width: 'minmax(180px, 1.5fr)', cell: (r) => <SafeText>{r.description}</SafeText> },
  { name: 'Family', width: '116px', cell: (r) => <SafeText>{r.family}</SafeText> },
  { name: 'Origin', width: '76px', cell: (r) => r.origin },
  { name: 'Confidence', width: '80px', cell: (r) => <span className="num">{percent(r.confidence)}</span> },
  { name: 'Hits, 7 days', width: '84px', cell: (r) => <Hits n={r.hits_7d} /> },
  { name: 'State', width: '64px', cell: (r) => <StateTag state={r.active ? 'on' : 'off'} /> },
];

type Props = {
  query: UseQueryResult;
  rows: Rule[];
  cursor: number;
  narrow: boolean;
  scroller: RefObject<HTMLDivElement | null>;
  onPick: (r: Rule) => void;
  onClear: () => void;
};

/** The list in each of its states: on its way, broken, empty, filled. */
export function RuleList({ query, rows, cursor, narrow, scroller, onPick, onClear }: Props) {
  const small = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
  const cards = small || narrow;
  const none = query.isSuccess && (query.data as Rule[]).length === 0;
  return (
    <ListSide label="Rules">
      {query.isPending && <SkeletonRows rows={12} height={22} />}
      {query.isError && query.data === undefined && (
        <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      )}
      {none && <None />}
      {query.isSuccess && !none && rows.length === 0 && <NoMatch onClear={onClear} />}
      {rows.length > 0 && (
        <VirtualTable
          label="Rules"
          columns={columns}
          rows={rows}
          idOf={(r) => r.id}
          rowHeight={cards ? 56 : 38}
          card={cards ? (r) => <Card rule={r} /> : undefined}
          scroller={scroller}
          cursor={cursor}
          onPick={onPick}
          footer={<div className={classes.footer}>{plural(rows.length, 'rule')}</div>}
        />
      )}
    </ListSide>
  );
}

function Hits({ n }: { n: number }) {
  return <span className={n === 0 ? classes.quiet : 'num'}>{n === 0 ? 'none' : count(n)}</span>;
}

function Card({ rule: r }: { rule: Rule }) {
  return (
    <div className={classes.card} data-off={!r.active || undefined}>
      <div className={classes.line}>
        <SeverityMark severity={r.severity} />
        <span className={classes.grow}>
          <SafeText mono>{r.id}</SafeText>
          <span className="sr-only">, {r.severity}</span>
        </span>
        <StateTag state={r.active ? 'on' : 'off'} />
      </div>
      <div className={`${classes.line} ${classes.quiet}`}>
        <span className={classes.grow}>
          <SafeText>{r.description}</SafeText>
        </span>
        {r.hits_7d > 0 && <span className="num">{plural(r.hits_7d, 'hit')}</span>}
      </div>
    </div>
  );
}

function None() {
  return (
    <Notice icon={<ScrollText size={26} />} title="No rules are loaded" role="alert">
      <p>Without rules nothing is found. Restart the server; if this stays, run `cordon doctor`.</p>
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
