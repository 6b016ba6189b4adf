import { FilterX, History, Logs } from 'lucide-react';
import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useEvents } from '../../api/events';
import type { EventRecord } from '../../api/types';
import { CopyButton, Snippet } from '../../components/Copy';
import { ListPage } from '../../components/ListPage';
import frame from '../../components/ListPage.module.css';
import { SeverityMark, SeverityTag } from '../../components/Severity';
import { Notice } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import type { Column } from '../../components/VirtualTable';
import { EventFilters } from './EventFilters';
import { EventPane } from './EventPane';
import { EventsFooter, FurtherButton, gaveUpAt } from './Further';
import { filterOf, readView, type View, writeView } from './filters';

const columns: Column<EventRecord>[] = [
  { name: 'When', width: '150px', cell: (e) => <Stamp at={e.time} /> },
  { name: 'Severity', width: '84px', cell: (e) => <SeverityTag severity={e.severity} /> },
  { name: 'Topic', width: 'minmax(190px, 1fr)', cell: (e) => <SafeText mono>{e.topic}</SafeText> },
  { name: 'About', width: 'minmax(180px, 1.6fr)', cell: (e) => <SafeText>{e.subject}</SafeText> },
  { name: 'Said by', width: 'minmax(100px, 0.5fr)', cell: (e) => <SafeText>{e.source}</SafeText> },
];

/** Everything that Cordon said, to search in. */
export function EventsPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const query = useEvents(filterOf(view));
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const openId = new URLSearchParams(search).get('open') ?? undefined;
  const setView = (v: View) => navigate(`/events${writeView(v)}`, { replace: true });
  const narrowed = writeView(view) !== '';
  const gaveUp = gaveUpAt(query);
  return (
    <ListPage
      title="Events"
      lead="Everything that Cordon said, in the order in which it was recorded. The address holds your filter: keep it, or give it to somebody."
      one="event"
      many="events"
      rows={rows}
      idOf={(e) => e.id}
      query={query}
      columns={columns}
      card={(e) => <Card event={e} />}
      cardHeight={62}
      openId={openId}
      address={(id) => `/events${writeView(view, id)}`}
      actions={
        <CopyButton value={`${window.location.origin}/events${writeView(view)}`} label="the address of this view" />
      }
      filters={(p) => <EventFilters view={view} onChange={setView} rows={rows} {...p} />}
      pane={(e, pane) => <EventPane key={openId} id={openId ?? ''} row={e?.id === openId ? e : undefined} {...pane} />}
      footer={<EventsFooter shown={rows.length} query={query} />}
      byHand={gaveUp !== undefined}
      empty={gaveUp === undefined ? <Empty narrowed={narrowed} /> : <NotYet at={gaveUp} query={query} />}
    />
  );
}

function Card({ event: e }: { event: EventRecord }) {
  return (
    <div className={frame.card}>
      <div className={frame.line}>
        <SeverityMark severity={e.severity} />
        <span className="sr-only">{e.severity}</span>
        <span className={frame.grow}>
          <SafeText mono>{e.topic}</SafeText>
        </span>
        <Stamp at={e.time} />
      </div>
      <div className={frame.line}>
        <span className={frame.grow}>
          <SafeText>{e.subject || e.source}</SafeText>
        </span>
      </div>
    </div>
  );
}

function NotYet({ at, query }: { at: string; query: ReturnType<typeof useEvents> }) {
  return (
    <Notice icon={<History size={26} />} title="Nothing yet" action={<FurtherButton query={query} />}>
      <p>
        No event matches back to <Stamp at={at} />. The log goes further back.
      </p>
    </Notice>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Notice icon={<FilterX size={26} />} title="No event matches">
      <p>Nothing in the log passes this filter. What is older than store.retention.events was dropped.</p>
    </Notice>
  ) : (
    <Notice icon={<Logs size={26} />} title="No events">
      <p>Nothing was said yet. To see some, play the story that comes with Cordon:</p>
      <Snippet label="CLI">cordon demo</Snippet>
    </Notice>
  );
}
