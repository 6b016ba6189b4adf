import { FilterX, Waves } from 'lucide-react';
import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useAnomalies } from '../../api/anomalies';
import type { Anomaly } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { ListPage } from '../../components/ListPage';
import frame from '../../components/ListPage.module.css';
import { SeverityMark, SeverityTag } from '../../components/Severity';
import { Notice } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import type { Column } from '../../components/VirtualTable';
import { compact, plural } from '../../lib/format';
import { useLiveTopic } from '../../live/LiveProvider';
import classes from './Anomalies.module.css';
import { AnomalyFilters } from './AnomalyFilters';
import { AnomalyPane } from './AnomalyPane';
import { AnomalyState } from './AnomalyState';
import { filterOf, readView, type View, writeView } from './filters';
import { Key } from './Key';
import { keyWordOf, limitOf, wordOf } from './kinds';

const columns: Column<Anomaly>[] = [
  { name: 'Severity', width: '84px', cell: (a) => <SeverityTag severity={a.severity} /> },
  { name: 'What', width: 'minmax(140px, 0.8fr)', cell: (a) => <SafeText>{wordOf(a.kind)}</SafeText> },
  { name: 'Of', width: '104px', cell: (a) => keyWordOf(a.key_kind) },
  { name: 'Who', width: 'minmax(130px, 1.2fr)', cell: (a) => <Key anomaly={a} /> },
  { name: 'User', width: 'minmax(80px, 0.6fr)', cell: (a) => <SafeText>{a.user}</SafeText> },
  { name: 'Events', width: '64px', cell: (a) => <span className="num">{compact(a.count)}</span> },
  { name: 'Too much', width: '112px', cell: (a) => <span className="num">{limitOf(a)}</span> },
  { name: 'State', width: '88px', cell: (a) => <AnomalyState anomaly={a} /> },
  { name: 'Began', width: '96px', cell: (a) => <Ago at={a.opened_at} /> },
  { name: 'Last event', width: '96px', cell: (a) => <Ago at={a.seen_at} /> },
];

/** What other programs reported more often than chance explains. */
export function AnomaliesPage() {
  useLiveTopic('anomaly.*.detected');
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const query = useAnomalies(filterOf(view));
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const openId = new URLSearchParams(search).get('open') ?? undefined;
  const setView = (v: View) => navigate(`/anomalies${writeView(v)}`, { replace: true });
  return (
    <ListPage
      title="Anomalies"
      lead="What your programs reported more often than chance explains. Ten thousand failures of one address are one anomaly."
      one="anomaly"
      many="anomalies"
      rows={rows}
      idOf={(a) => a.id}
      query={query}
      columns={columns}
      card={(a) => <Card anomaly={a} />}
      cardHeight={62}
      openId={openId}
      address={(id) => `/anomalies${writeView(view, id)}`}
      filters={(p) => <AnomalyFilters view={view} onChange={setView} rows={rows} {...p} />}
      pane={(a, pane) => (
        <AnomalyPane key={openId} id={openId ?? ''} row={a?.id === openId ? a : undefined} {...pane} />
      )}
      empty={<Empty narrowed={writeView(view) !== ''} />}
    />
  );
}

function Card({ anomaly: a }: { anomaly: Anomaly }) {
  return (
    <div className={frame.card}>
      <div className={frame.line}>
        <SeverityMark severity={a.severity} />
        <span className="sr-only">{a.severity}</span>
        <span className={frame.grow}>
          <SafeText>{wordOf(a.kind)}</SafeText> by <Key anomaly={a} />
        </span>
        <Ago at={a.seen_at} />
      </div>
      <div className={frame.line}>
        <span className={frame.grow}>{plural(a.count, 'event')}</span>
        <AnomalyState anomaly={a} />
      </div>
    </div>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Notice icon={<FilterX size={26} />} title="No anomaly matches">
      <p>There may be anomalies outside this filter.</p>
    </Notice>
  ) : (
    <Notice icon={<Waves size={26} />} title="No anomalies">
      <p>
        Nothing was reported more often than chance explains, or nothing reports yet. A program reports with an API key
        of its own; this makes one:
      </p>
      <Snippet label="CLI">cordon apikey create --name sshd --role responder --scope events:write</Snippet>
      <p className={classes.again}>and this, ten times within five minutes, is a brute force:</p>
      <Snippet label="curl">{report(window.location.origin)}</Snippet>
    </Notice>
  );
}

const report = (origin: string) =>
  `curl -sS ${origin}/api/v1/events -H "Authorization: Bearer $CORDON_API_KEY" -H 'Content-Type: application/json' -d '[{"kind": "auth_failed", "source_ip": "203.0.113.9", "user": "root"}]'`;
