import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useEffect } from 'react';
import classes from './VirtualTable.module.css';

export type Column<T> = { name: string; width: string; cell: (row: T) => ReactNode };
/** Which rows are selected; nameOf says what a row is, for those who do not see it. */
export type RowPicks<T> = { ids: ReadonlySet<string>; toggle: (row: T) => void; nameOf: (row: T) => string };
type Props<T> = {
  label: string;
  columns: Column<T>[];
  rows: T[];
  idOf: (row: T) => string;
  rowHeight: number;
  scroller: RefObject<HTMLDivElement | null>;
  /** Shown instead of columns when there is no room for them. */
  card?: (row: T) => ReactNode;
  cursor?: number;
  picks?: RowPicks<T>;
  fresh?: Set<string>;
  onPick?: (row: T, index: number) => void;
  onNearEnd?: () => void;
  onScrolled?: (fromTop: number) => void;
  footer?: ReactNode;
};

/** A table of any length that keeps only the rows in sight in the document. */
export function VirtualTable<T>(p: Props<T>) {
  const { rows, cursor, scroller, onNearEnd } = p;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => p.rowHeight,
    getItemKey: (i) => p.idOf(rows[i] as T),
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another height makes every measure stale
  useEffect(() => virtual.measure(), [virtual, p.rowHeight]);
  useEffect(() => {
    if (cursor !== undefined && cursor >= 0) virtual.scrollToIndex(cursor, { align: 'auto' });
  }, [virtual, cursor]);
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 20) onNearEnd?.();
  }, [last, rows.length, onNearEnd]);

  const columns = p.card ? '1fr' : p.columns.map((c) => c.width).join(' ');
  const template = p.picks === undefined ? columns : `20px ${columns}`;
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      data-scroller
      onScroll={(e) => p.onScrolled?.(e.currentTarget.scrollTop)}
    >
      <div
        className={classes.grid}
        role="grid"
        aria-label={p.label}
        aria-rowcount={rows.length + 1}
        aria-activedescendant={cursor !== undefined && cursor >= 0 ? `row-${cursor}` : undefined}
        tabIndex={0}
      >
        <div
          className={p.card ? 'sr-only' : classes.head}
          role="row"
          aria-rowindex={1}
          style={{ gridTemplateColumns: template }}
        >
          {p.picks !== undefined && (
            <span role="columnheader">
              <span className="sr-only">Selected</span>
            </span>
          )}
          {p.columns.map((c) => (
            <span key={c.name} role="columnheader">
              {c.name}
            </span>
          ))}
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {items.map((v) => {
            const row = rows[v.index] as T;
            return (
              <div
                key={v.key}
                id={`row-${v.index}`}
                role="row"
                tabIndex={-1}
                aria-rowindex={v.index + 2}
                aria-selected={v.index === cursor}
                className={classes.row}
                data-fresh={p.fresh?.has(p.idOf(row)) || undefined}
                data-pickable={p.onPick !== undefined || undefined}
                style={{ height: v.size, transform: `translateY(${v.start}px)`, gridTemplateColumns: template }}
                onClick={() => p.onPick?.(row, v.index)}
              >
                {p.picks !== undefined && <Pick row={row} on={p.picks.ids.has(p.idOf(row))} {...p.picks} />}
                {p.card ? (
                  <div role="gridcell" className={classes.cardCell}>
                    {p.card(row)}
                  </div>
                ) : (
                  p.columns.map((c) => (
                    <div key={c.name} role="gridcell" className={classes.cell}>
                      {c.cell(row)}
                    </div>
                  ))
                )}
              </div>
            );
          })}
        </div>
      </div>
      {p.footer}
    </div>
  );
}

/** Selects a row, and does not open it. It is no stop for the tab key, of which there would be as many as rows. */
function Pick<T>({ row, on, toggle, nameOf }: { row: T; on: boolean } & RowPicks<T>) {
  return (
    <div role="gridcell">
      <label className={classes.pick} onClick={(e) => e.stopPropagation()}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${nameOf(row)}`}
          checked={on}
          onChange={() => toggle(row)}
        />
      </label>
    </div>
  );
}
