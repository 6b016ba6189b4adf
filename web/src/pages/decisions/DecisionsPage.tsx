import { ArrowUpRight, FilterX } from 'lucide-react';
import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { type DecisionFilter, decisions, useDecisions, useEgress } from '../../api/egress';
import type { EgressDecision } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { EgressError } from '../../components/EgressOff';
import { ExportButton } from '../../components/ExportButton';
import { ListPage } from '../../components/ListPage';
import classes from '../../components/ListPage.module.css';
import { Notice } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { Verdict } from '../../components/Verdict';
import type { Column } from '../../components/VirtualTable';
import { DecisionFilters } from './DecisionFilters';
import { DecisionPane } from './DecisionPane';
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
  const query = useDecisions(filter);
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const setFilter = (f: DecisionFilter) => navigate(`/decisions${writeFilter(f)}`, { replace: true });
  return (
    <ListPage
      title="Decisions"
      lead="What programs wanted outside, and what they were told. New ones come by themselves."
      one="decision"
      many="decisions"
      rows={rows}
      idOf={(d) => d.id}
      query={query}
      columns={columns}
      card={(d) => <Card decision={d} />}
      cardHeight={62}
      openId={new URLSearchParams(search).get('open') ?? undefined}
      address={(id) => `/decisions${writeFilter(filter, id)}`}
      filters={(p) => <DecisionFilters filter={filter} onChange={setFilter} rows={rows} {...p} />}
      pane={(d, pane) => <DecisionPane decision={d} {...pane} />}
      empty={<Empty narrowed={writeFilter(filter) !== ''} />}
      error={(error, onRetry) => <EgressError error={error} onRetry={onRetry} />}
      actions={
        <ExportButton
          name="decisions"
          columns={exported}
          pages={(cursor) => decisions({ ...filter, limit: 500, cursor })}
        />
      }
    />
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
