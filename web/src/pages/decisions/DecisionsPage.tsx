import { useMediaQuery } from '@mantine/hooks';
import { ArrowUpRight, FilterX } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';
import { type DecisionFilter, decisions, useDecisions, useEgress } from '../../api/egress';
import { useNextPage } from '../../api/queries';
import type { EgressDecision } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { EgressError } from '../../components/EgressOff';
import { ExportButton } from '../../components/ExportButton';
import { KeyHelp, KeyHelpButton } from '../../components/KeyHelp';
import { ListFooter } from '../../components/ListFooter';
import { Page } from '../../components/Page';
import { ListSide, Split } from '../../components/Split';
import { Notice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { Verdict } from '../../components/Verdict';
import { type Column, VirtualTable } from '../../components/VirtualTable';
import { listKeyHelp } from '../../lib/listKeys';
import { useListNav } from '../../lib/useListNav';
import { DecisionFilters } from './DecisionFilters';
import { DecisionPane } from './DecisionPane';
import classes from './Decisions.module.css';
import { exported } from './export';
import { readFilter, writeFilter } from './filters';
import { target } from './target';

const columns: Column<EgressDecision>[] = [
  { name: 'Verdict', width: '108px', cell: (d) => <Verdict decision={d.decision} would={d.would} /> },
  { name: 'Destination', width: 'minmax(180px, 1.4fr)', cell: (d) => <SafeText>{target(d)}</SafeText> },
  { name: 'Protocol', width: '84px', cell: (d) => <SafeText>{d.protocol}</SafeText> },
  { name: 'Reason', width: 'minmax(120px, 0.8fr)', cell: (d) => <SafeText mono>{d.reason}</SafeText> },
  { name: 'Rule', width: 'minmax(100px, 0.8fr)', cell: (d) => <SafeText>{d.rule}</SafeText> },
  { name: 'Program', width: 'minmax(120px, 1fr)', cell: (d) => <Program decision={d} /> },
  { name: 'Time', width: '88px', cell: (d) => <Ago at={d.time} /> },
];

/** What programs wanted outside, and what they were told. */
export function DecisionsPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const filter = useMemo(() => readFilter(search), [search]);
  const openId = new URLSearchParams(search).get('open') ?? undefined;
  const query = useDecisions(filter);
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const setFilter = (f: DecisionFilter) => navigate(`/decisions${writeFilter(f)}`, { replace: true });
  const open = (d: EgressDecision) =>
    navigate(`/decisions${writeFilter(filter, d.id)}`, { replace: openId !== undefined });

  const filterInput = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const close = () => {
    navigate(`/decisions${writeFilter(filter)}`);
    scroller.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
  };
  const nav = useListNav({ rows, idOf: (d) => d.id, openId, onOpen: open, onClose: close, filterInput });
  const more = useNextPage(query, rows.length);
  const small = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
  const cards = small || openId !== undefined;
  return (
    <Page
      fill
      title="Decisions"
      lead="What programs wanted outside, and what they were told. New ones come by themselves."
      actions={
        <>
          <ExportButton
            name="decisions"
            columns={exported}
            pages={(cursor) => decisions({ ...filter, limit: 500, cursor })}
          />
          <KeyHelpButton onClick={() => nav.setHelp(true)} />
        </>
      }
    >
      <DecisionFilters
        filter={filter}
        onChange={setFilter}
        rows={rows}
        focus={filterInput}
        open={openId !== undefined}
      />
      <Split open={openId !== undefined}>
        <ListSide label="Decisions">
          {query.isPending && <SkeletonRows rows={12} height={22} />}
          {query.isError && rows.length === 0 && (
            <EgressError error={query.error} onRetry={() => void query.refetch()} />
          )}
          {query.isSuccess && rows.length === 0 && <Empty narrowed={writeFilter(filter) !== ''} />}
          {rows.length > 0 && (
            <VirtualTable
              label="Decisions"
              columns={columns}
              rows={rows}
              idOf={(d) => d.id}
              rowHeight={cards ? 62 : 38}
              card={cards ? (d) => <Card decision={d} /> : undefined}
              scroller={scroller}
              cursor={nav.cursor}
              onPick={open}
              onNearEnd={more}
              footer={<ListFooter shown={rows.length} one="decision" many="decisions" query={query} />}
            />
          )}
        </ListSide>
        {openId !== undefined && (
          <DecisionPane
            decision={rows[nav.cursor]}
            position={nav.position && { ...nav.position, more: query.hasNextPage }}
            onStep={nav.step}
            onClose={close}
          />
        )}
      </Split>
      <KeyHelp open={nav.help} onClose={() => nav.setHelp(false)} keys={listKeyHelp('decision')} />
    </Page>
  );
}

function Program({ decision: d }: { decision: EgressDecision }) {
  return d.exe === '' ? <span className={classes.quiet}>not known</span> : <SafeText mono>{d.exe}</SafeText>;
}

function Empty({ narrowed }: { narrowed: boolean }) {
  const listen = useEgress().data?.listen ?? '';
  if (narrowed) {
    return (
      <Notice icon={<FilterX size={26} />} title="No decision matches">
        <p>Destination, program and rule are compared exactly.</p>
      </Notice>
    );
  }
  return (
    <Notice icon={<ArrowUpRight size={26} />} title="Nothing has asked to leave yet">
      <p>Send a program through the gateway to see what it is told:</p>
      {listen !== '' && <Snippet label="shell">{`curl --proxy http://${listen} https://example.com/`}</Snippet>}
    </Notice>
  );
}

function Card({ decision: d }: { decision: EgressDecision }) {
  return (
    <div className={classes.card}>
      <div className={classes.line}>
        <span className={classes.grow}>
          <SafeText>{target(d)}</SafeText>
        </span>
        <Ago at={d.time} />
      </div>
      <div className={classes.line}>
        <Verdict decision={d.decision} would={d.would} />
        <span className={classes.grow}>
          <SafeText>{d.reason}</SafeText>
        </span>
      </div>
    </div>
  );
}
