import type { RefObject } from 'react';
import type { QuarantineFilter } from '../../api/calls';
import { useNextPage, type useQuarantineList } from '../../api/queries';
import type { Quarantine } from '../../api/types';
import { ListSide } from '../../components/Split';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { EmptyList } from './EmptyList';
import { List } from './List';
import classes from './Quarantine.module.css';
import type { useArrivals } from './useArrivals';

type Props = {
  query: ReturnType<typeof useQuarantineList>;
  rows: Quarantine[];
  filter: QuarantineFilter;
  onClear: () => void;
  arrivals: ReturnType<typeof useArrivals>;
  cursor: number;
  scroller: RefObject<HTMLDivElement | null>;
  narrow: boolean;
  onScrolled: (top: number) => void;
  onPick: (row: Quarantine) => void;
};

/** The list in each of its states: on its way, broken, empty, filled. */
export function ListPane({ query, rows, filter, onClear, arrivals, scroller, ...list }: Props) {
  const { isError } = query;
  const more = useNextPage(query, rows.length);
  const showNew = () => {
    arrivals.release();
    scroller.current?.scrollTo({ top: 0 });
  };
  return (
    <ListSide label="Entries">
      {arrivals.waiting > 0 && (
        <button type="button" className={classes.pill} onClick={showNew}>
          {arrivals.waiting > arrivals.mostWaiting ? `${arrivals.mostWaiting}+` : arrivals.waiting} new
        </button>
      )}
      {query.isPending && <SkeletonRows rows={12} height={22} />}
      {isError && rows.length === 0 && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && rows.length === 0 && <EmptyList filter={filter} onClear={onClear} />}
      {rows.length > 0 && (
        <List rows={rows} fresh={arrivals.fresh} scroller={scroller} query={query} onMore={more} {...list} />
      )}
    </ListSide>
  );
}
