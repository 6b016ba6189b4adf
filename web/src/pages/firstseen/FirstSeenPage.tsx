import { FilterX, ListChecks } from 'lucide-react';
import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useEndpoints } from '../../api/egress';
import { useMe } from '../../api/queries';
import type { EgressEndpoint } from '../../api/types';
import { EgressError } from '../../components/EgressOff';
import { ListPage } from '../../components/ListPage';
import classes from '../../components/ListPage.module.css';
import { Notice } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { Verdict } from '../../components/Verdict';
import type { Column } from '../../components/VirtualTable';
import { compact, count, plural } from '../../lib/format';
import { includes } from '../../lib/roles';
import { target } from '../decisions/target';
import { EndpointFilters } from './EndpointFilters';
import { EndpointPane } from './EndpointPane';
import { filterOf, readView, type View, writeView } from './filters';
import { JudgeDialog } from './JudgeDialog';
import { useJudge } from './useJudge';
import { programOf, verdictWords } from './verdicts';

const columns: Column<EgressEndpoint>[] = [
  { name: 'Destination', width: 'minmax(180px, 1.2fr)', cell: (e) => <SafeText>{target(e)}</SafeText> },
  { name: 'Program', width: 'minmax(140px, 1fr)', cell: (e) => <SafeText mono>{programOf(e)}</SafeText> },
  { name: 'Last verdict', width: '108px', cell: (e) => <Verdict decision={e.last_decision} /> },
  { name: 'Reason', width: 'minmax(120px, 0.8fr)', cell: (e) => <SafeText mono>{e.last_reason}</SafeText> },
  { name: 'Asked', width: '72px', cell: (e) => <span className="num">{compact(e.allowed + e.denied)}</span> },
  { name: 'Review', width: 'minmax(120px, 0.8fr)', cell: (e) => <Reviewed endpoint={e} /> },
  { name: 'First seen', width: '96px', cell: (e) => <Ago at={e.first_seen} /> },
];

const keys: [keys: string[], what: string][] = [
  [['a'], 'allow it: once, for this program or for every program'],
  [['d'], 'deny it'],
  [['z'], 'back to the endpoint judged last'],
];

/** What programs asked for the first time, to be judged by a person. */
export function FirstSeenPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const query = useEndpoints(filterOf(view));
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const role = useMe().data?.role;
  const { asked, ask, stop, judge, back } = useJudge();
  const setView = (v: View) => navigate(`/first-seen${writeView(v)}`, { replace: true });
  const onKey = (key: string, row: EgressEndpoint | undefined) => {
    const may = includes(role, key === 'a' ? 'admin' : 'responder');
    if (!may || !['a', 'd', 'z'].includes(key) || (key !== 'z' && row === undefined)) return false;
    if (key === 'z') again();
    else if (row !== undefined) ask(row, key === 'a');
    return true;
  };
  const again = () => {
    const last = back();
    if (last !== undefined) navigate(`/first-seen${writeView({ state: 'all' }, last)}`);
  };
  return (
    <>
      <ListPage
        title="First seen"
        lead={<Lead first={query.data?.pages[0]} />}
        one="endpoint"
        many="endpoints"
        rows={rows}
        idOf={(e) => e.id}
        query={query}
        columns={columns}
        card={(e) => <Card endpoint={e} />}
        cardHeight={62}
        openId={new URLSearchParams(search).get('open') ?? undefined}
        address={(id) => `/first-seen${writeView(view, id)}`}
        filters={(p) => <EndpointFilters view={view} onChange={setView} rows={rows} {...p} />}
        pane={(e, pane) => <EndpointPane endpoint={e} onAsk={(allow) => e && ask(e, allow)} {...pane} />}
        empty={<Empty narrowed={writeView(view) !== ''} />}
        error={(error, onRetry) => <EgressError error={error} onRetry={onRetry} />}
        more={{ keys, onKey }}
        blocked={asked !== undefined}
      />
      {asked !== undefined && (
        <JudgeDialog key={asked.key} endpoint={asked.endpoint} allow={asked.allow} onJudge={judge} onClose={stop} />
      )}
    </>
  );
}

function Lead({ first }: { first: { waiting: number; folded: number } | undefined }) {
  return (
    <>
      Hosts and ports that a program asked for the first time, whatever it was told.
      {first !== undefined && ` ${plural(first.waiting, 'endpoint')} waiting.`}
      {first !== undefined &&
        first.folded > 0 &&
        ` ${count(first.folded)} more made way for newer ones: somebody may be scanning.`}
    </>
  );
}

function Reviewed({ endpoint: e }: { endpoint: EgressEndpoint }) {
  return e.verdict === null ? <span className={classes.quiet}>waiting</span> : <span>{verdictWords[e.verdict]}</span>;
}

function Card({ endpoint: e }: { endpoint: EgressEndpoint }) {
  return (
    <div className={classes.card}>
      <div className={classes.line}>
        <span className={classes.grow}>
          <SafeText>{target(e)}</SafeText>
        </span>
        <Ago at={e.first_seen} />
      </div>
      <div className={classes.line}>
        <Verdict decision={e.last_decision} />
        <span className={classes.grow}>
          <SafeText mono>{programOf(e)}</SafeText>
        </span>
        <Reviewed endpoint={e} />
      </div>
    </div>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Notice icon={<FilterX size={26} />} title="No endpoint matches">
      <p>Destination and program are compared exactly.</p>
    </Notice>
  ) : (
    <Notice icon={<ListChecks size={26} />} title="Nothing waits for review">
      <p>A host and port appears here when a program asks the gateway for it the first time.</p>
    </Notice>
  );
}
