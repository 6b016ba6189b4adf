import { useMediaQuery } from '@mantine/hooks';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { type ReactNode, type RefObject, useRef } from 'react';
import { useLocation } from 'wouter';
import { useNextPage } from '../api/queries';
import { listKeyHelp } from '../lib/listKeys';
import { useListNav } from '../lib/useListNav';
import { KeyHelp, KeyHelpButton } from './KeyHelp';
import { ListFooter } from './ListFooter';
import { Page } from './Page';
import { ListSide, type Position, Split } from './Split';
import { ErrorNotice, Notice, SkeletonRows } from './States';
import { type Column, type RowPicks, VirtualTable } from './VirtualTable';

/** What a pane beside the list is given. */
export type PaneProps = { position: Position | undefined; onStep: (by: 1 | -1) => void; onClose: () => void };

type Props<T> = {
  title: string;
  lead: ReactNode;
  one: string;
  many: string;
  rows: T[];
  idOf: (row: T) => string;
  query: UseInfiniteQueryResult;
  columns: Column<T>[];
  /** Shown instead of columns when there is no room for them. */
  card: (row: T) => ReactNode;
  cardHeight: number;
  openId: string | undefined;
  /** The address of the list with one row open, or none. */
  address: (open?: string) => string;
  filters: (p: { focus: RefObject<HTMLInputElement | null>; open: boolean }) => ReactNode;
  pane: (row: T | undefined, pane: PaneProps) => ReactNode;
  empty: ReactNode;
  error?: (error: unknown, onRetry: () => void) => ReactNode;
  actions?: ReactNode;
  /** Stands above the rows; it may scroll them to their top. */
  above?: (toTop: () => void) => ReactNode;
  /** In the place of what a list of pages says at its end. */
  footer?: ReactNode;
  /** More is loaded when somebody asks for it, not when the end comes into sight. */
  byHand?: boolean;
  /** Rows that have just come. */
  fresh?: Set<string>;
  onScrolled?: (fromTop: number) => void;
  /** Keys of this page besides those of every list: pressed with the chosen row, and their help. */
  more?: { keys: [keys: string[], what: string][]; onKey: (key: string, row: T | undefined) => boolean };
  /** Rows can be selected, for what is done with several. */
  picks?: RowPicks<T>;
  /** A dialog is open: keys are its own. */
  blocked?: boolean;
};

/** The frame of a page that is a filter, a list of any length, and what is open beside it. */
export function ListPage<T>(p: Props<T>) {
  const [, navigate] = useLocation();
  const filterInput = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const isOpen = p.openId !== undefined;
  const open = (row: T) => navigate(p.address(p.idOf(row)), { replace: isOpen });
  const close = () => {
    navigate(p.address());
    scroller.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
  };
  const nav = useListNav({
    rows: p.rows,
    idOf: p.idOf,
    openId: p.openId,
    onOpen: open,
    onClose: close,
    filterInput,
    blocked: p.blocked,
    onKey: p.more?.onKey,
  });
  const nearEnd = useNextPage(p.query, p.rows.length);
  const small = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
  const cards = small || isOpen;
  return (
    <Page
      fill
      title={p.title}
      lead={p.lead}
      actions={
        <>
          {p.actions}
          <KeyHelpButton onClick={() => nav.setHelp(true)} />
        </>
      }
    >
      {p.filters({ focus: filterInput, open: isOpen })}
      <Split open={isOpen}>
        <ListSide label={p.title}>
          {p.above?.(() => scroller.current?.scrollTo({ top: 0 }))}
          <NoRows {...p} />
          {p.rows.length > 0 && (
            <VirtualTable
              label={p.title}
              columns={p.columns}
              rows={p.rows}
              idOf={p.idOf}
              rowHeight={cards ? p.cardHeight : 38}
              card={cards ? p.card : undefined}
              scroller={scroller}
              cursor={nav.cursor}
              picks={p.picks}
              onPick={open}
              fresh={p.fresh}
              onNearEnd={p.byHand ? undefined : nearEnd}
              onScrolled={p.onScrolled}
              footer={p.footer ?? <ListFooter shown={p.rows.length} one={p.one} many={p.many} query={p.query} />}
            />
          )}
        </ListSide>
        {isOpen &&
          p.pane(p.rows[nav.cursor], {
            position: nav.position && { ...nav.position, more: p.query.hasNextPage },
            onStep: nav.step,
            onClose: close,
          })}
      </Split>
      <KeyHelp
        open={nav.help}
        onClose={() => nav.setHelp(false)}
        keys={[...listKeyHelp(p.one), ...(p.more?.keys ?? [])]}
      />
    </Page>
  );
}

function NoRows<T>({ query, rows, empty, error }: Props<T>) {
  const retry = () => void query.refetch();
  if (query.isPending) return <SkeletonRows rows={12} height={22} />;
  if (rows.length > 0) return null;
  if (query.isError) return error?.(query.error, retry) ?? <ErrorNotice error={query.error} onRetry={retry} />;
  return empty;
}

/** What a pane says of a row that the list does not hold. */
export function NotLoaded({ noun }: { noun: string }) {
  return (
    <Notice title="Not in the list">
      <p>This {noun} is further down than what is loaded, or the filter hides it. Load more, or clear the filter.</p>
    </Notice>
  );
}
