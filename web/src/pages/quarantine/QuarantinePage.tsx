import { useMemo, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { type QuarantineFilter, quarantine } from '../../api/calls';
import { useQuarantineList } from '../../api/queries';
import { ExportButton } from '../../components/ExportButton';
import { KeyHelp, KeyHelpButton } from '../../components/KeyHelp';
import { Page } from '../../components/Page';
import { Split } from '../../components/Split';
import { Drawer } from './Drawer';
import { exported } from './export';
import { FilterBar } from './FilterBar';
import { readFilter, writeFilter } from './filters';
import { ListPane } from './ListPane';
import classes from './Quarantine.module.css';
import { keyHelp } from './triage';
import { useArrivals } from './useArrivals';
import { useTriage } from './useTriage';

const scrolledAway = 60; // px; further down than this, new rows wait

export function QuarantinePage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const filter = useMemo(() => readFilter(search), [search]);
  const setFilter = (f: QuarantineFilter) => navigate(`/quarantine${writeFilter(f)}`, { replace: true });
  const query = useQuarantineList(filter);
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const ruleIds = useMemo(() => [...new Set(rows.map((r) => r.rule))].sort(), [rows]);

  const filterInput = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const focusGrid = () => scroller.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
  const triage = useTriage({ filter, rows, onClosed: focusGrid, filterInput });
  const { openId, cursor } = triage;
  const [away, setAway] = useState(false);
  const arrivals = useArrivals(filter, away || openId !== undefined);

  return (
    <Page
      fill
      title="Quarantine"
      lead="Every secret that was found, redacted. Decide for each whether it is a leak."
      actions={
        <>
          <ExportButton
            name="quarantine"
            columns={exported}
            pages={(cursor) => quarantine({ ...filter, limit: 500, cursor })}
          />
          <KeyHelpButton onClick={() => triage.setHelp(true)} />
        </>
      }
    >
      <FilterBar
        filter={filter}
        onChange={setFilter}
        rules={ruleIds}
        focus={filterInput}
        entryOpen={openId !== undefined}
      />
      <Split open={openId !== undefined}>
        <ListPane
          query={query}
          rows={rows}
          filter={filter}
          onClear={() => setFilter({})}
          arrivals={arrivals}
          cursor={cursor}
          scroller={scroller}
          narrow={openId !== undefined}
          onScrolled={(top) => setAway(top > scrolledAway)}
          onPick={(row) => triage.open(row.id)}
        />
        {openId !== undefined && (
          <Drawer
            id={openId}
            position={cursor < 0 ? undefined : { nth: cursor + 1, of: rows.length, more: query.hasNextPage }}
            canReview={triage.canReview}
            reason={triage.reason}
            onReason={triage.setReason}
            onReview={triage.judge}
            onStep={(by) => triage.choose(rows[cursor + by])}
            onClose={triage.close}
          />
        )}
      </Split>
      <KeyHelp open={triage.help} onClose={() => triage.setHelp(false)} keys={keyHelp}>
        {!triage.canReview && <p className={classes.hint}>Your role may look at entries, not review them.</p>}
      </KeyHelp>
    </Page>
  );
}
