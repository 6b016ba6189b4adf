import { FilterX, ShieldCheck } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useIncident, useIncidents } from '../../api/incidents';
import { useMe } from '../../api/queries';
import type { Incident, IncidentAction } from '../../api/types';
import { ListPage } from '../../components/ListPage';
import frame from '../../components/ListPage.module.css';
import { SeverityTag } from '../../components/Severity';
import { Notice } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import type { Column } from '../../components/VirtualTable';
import { compact } from '../../lib/format';
import { includes } from '../../lib/roles';
import { plain } from '../../lib/text';
import { useNow } from '../../lib/useNow';
import { ActDialog } from './ActDialog';
import type { Deeds } from './Choices';
import { filterOf, isNarrowed, readView, type View, writeView } from './filters';
import { IncidentFilters } from './IncidentFilters';
import { IncidentPane } from './IncidentPane';
import classes from './Incidents.module.css';
import { type Joining, Joins } from './Joins';
import { Picked } from './Picked';
import { isSnoozed } from './snooze';
import { useActs } from './useActs';
import { usePicks } from './usePicks';

const columns: Column<Incident>[] = [
  { name: 'Severity', width: '104px', cell: (i) => <SeverityTag severity={i.severity} /> },
  { name: 'Incident', width: 'minmax(220px, 2.6fr)', cell: (i) => <Title incident={i} /> },
  { name: 'Seen by', width: 'minmax(182px, 0.8fr)', cell: (i) => <Sensors incident={i} /> },
  { name: 'Times', width: '64px', cell: (i) => <span className="num">{compact(i.observations)}</span> },
  { name: 'State', width: '136px', cell: (i) => <Standing incident={i} /> },
  { name: 'Assignee', width: 'minmax(72px, 0.5fr)', cell: (i) => <SafeText>{i.assignee}</SafeText> },
  { name: 'Last seen', width: '96px', cell: (i) => <Ago at={i.seen_at} /> },
];

const keys: [keys: string[], what: string][] = [
  [['a'], 'take it on'],
  [['r'], 'close it: it is over'],
  [['i'], 'close it: it is none'],
  [['s'], 'put it aside for a time'],
  [['x'], 'select it'],
  [['m'], 'merge what is selected, or this one with another'],
  [['z'], 'undo your last act'],
];

const actions: Record<string, IncidentAction> = { a: 'acknowledge', r: 'resolve', i: 'ignore', s: 'snooze' };

/** What to look into, whoever saw it: one secret is one incident. */
export function IncidentsPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const query = useIncidents(filterOf(view));
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const openId = new URLSearchParams(search).get('open') ?? undefined;
  const opened = useIncident(openId).data; // a link may lead to one that the list does not hold
  const may = includes(useMe().data?.role, 'reviewer');
  const acts = useActs();
  const picks = usePicks(rows);
  const [joining, join] = useState<Joining>();
  const setView = (v: View) => navigate(`/incidents${writeView(v)}`, { replace: true });
  const merge = (i: Incident | undefined) => {
    if (picks.chosen.length > 1) join({ merge: picks.chosen });
    else if (i !== undefined) join({ merge: [i] });
  };
  const merged = (whole: string) => {
    picks.clear();
    if (openId !== undefined) navigate(`/incidents${writeView(view, whole)}`, { replace: true });
  };
  const others: Record<string, (row: Incident | undefined) => void> = {
    z: acts.undo,
    x: (row) => row && picks.toggle(row),
    m: merge,
  };
  const onKey = (key: string, listed: Incident | undefined) => {
    const action = actions[key];
    const row = listed ?? opened;
    if (key === 'Escape' && picks.ids.size > 0) picks.clear();
    else if (!may || (action === undefined && others[key] === undefined)) return false;
    else if (action === undefined) others[key]?.(row);
    else if (row !== undefined) acts.start(row, action);
    return true;
  };
  const deeds: Deeds = may
    ? { act: acts.start, merge: (i) => join({ merge: [i] }), split: (whole, chosen) => join({ whole, chosen }) }
    : { act: acts.start };
  return (
    <>
      <ListPage
        title="Incidents"
        lead="What to look into. One secret is one incident, whoever saw it and how often."
        one="incident"
        many="incidents"
        rows={rows}
        idOf={(i) => i.id}
        query={query}
        columns={columns}
        card={(i) => <Card incident={i} />}
        cardHeight={62}
        openId={openId}
        address={(id) => `/incidents${writeView(view, id)}`}
        filters={({ open }) => <IncidentFilters view={view} onChange={setView} open={open} />}
        pane={(i, pane) => <IncidentPane id={openId ?? ''} incident={i ?? opened} deeds={deeds} {...pane} />}
        empty={<Empty narrowed={isNarrowed(view)} />}
        more={{ keys, onKey }}
        picks={may ? { ids: picks.ids, toggle: picks.toggle, nameOf: (i) => plain(i.title) } : undefined}
        above={() => may && <Picked picks={picks} onMerge={() => merge(undefined)} />}
        blocked={acts.asked !== undefined || joining !== undefined}
      />
      {acts.asked !== undefined && <ActDialog {...acts.asked} onAct={acts.act} onClose={acts.stop} />}
      <Joins joining={joining} rows={rows} did={acts.did} onMerged={merged} onClose={() => join(undefined)} />
    </>
  );
}

function Title({ incident: i }: { incident: Incident }) {
  return (
    <span className={classes.title}>
      <SafeText>{i.title}</SafeText>
      {i.regressed && i.closed_at === null && <span className={classes.back}>came back</span>}
    </span>
  );
}

function Sensors({ incident: i }: { incident: Incident }) {
  return <span className={i.join === '' ? undefined : classes.joined}>{i.sensors.join(' + ')}</span>;
}

/** Where the work on it stands; of what is put aside, that. */
export function Standing({ incident: i }: { incident: Incident }) {
  return <StateTag state={isSnoozed(i, useNow()) ? 'snoozed' : i.state} />;
}

function Card({ incident: i }: { incident: Incident }) {
  return (
    <div className={frame.card}>
      <div className={frame.line}>
        <span className={frame.grow}>
          <Title incident={i} />
        </span>
        <Ago at={i.seen_at} />
      </div>
      <div className={frame.line}>
        <SeverityTag severity={i.severity} />
        <span className={frame.grow}>
          <Sensors incident={i} />
        </span>
        <Standing incident={i} />
      </div>
    </div>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Notice icon={<FilterX size={26} />} title="No incident matches">
      <p>Choose another queue, or clear the filter.</p>
    </Notice>
  ) : (
    <Notice icon={<ShieldCheck size={26} />} title="No open incidents">
      <p>A secret that a source or the gateway sees opens one here.</p>
    </Notice>
  );
}
