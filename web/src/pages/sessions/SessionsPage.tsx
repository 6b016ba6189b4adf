import { FilterX, SquareTerminal } from 'lucide-react';
import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useDeckySessions } from '../../api/deception';
import type { DeckySession } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { DeceptionError } from '../../components/DeceptionOff';
import { ListPage } from '../../components/ListPage';
import frame from '../../components/ListPage.module.css';
import { Notice } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import type { Column } from '../../components/VirtualTable';
import { compact, plural } from '../../lib/format';
import { filterOf, readView, type View, writeView } from './filters';
import { Marks } from './Marks';
import { SessionFilters } from './SessionFilters';
import { SessionPane } from './SessionPane';

const columns: Column<DeckySession>[] = [
  { name: 'From', width: 'minmax(120px, 1fr)', cell: (s) => <SafeText mono>{s.attacker_ip}</SafeText> },
  { name: 'Decky', width: 'minmax(100px, 0.8fr)', cell: (s) => <SafeText>{s.decky}</SafeText> },
  { name: 'Service', width: '90px', cell: (s) => <SafeText>{s.service}</SafeText> },
  { name: 'As', width: 'minmax(90px, 0.7fr)', cell: (s) => <SafeText mono>{s.principal}</SafeText> },
  { name: 'Tried', width: '64px', cell: (s) => <span className="num">{compact(s.attempts)}</span> },
  { name: 'Commands', width: '88px', cell: (s) => <span className="num">{compact(s.commands)}</span> },
  { name: 'Marks', width: 'minmax(180px, 1fr)', cell: (s) => <Marks session={s} /> },
  { name: 'Came', width: '96px', cell: (s) => <Ago at={s.started_at} /> },
];

/** Who connected to a decky, and what they did there. */
export function SessionsPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const query = useDeckySessions(filterOf(view));
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const openId = new URLSearchParams(search).get('open') ?? undefined;
  const setView = (v: View) => navigate(`/sessions${writeView(v)}`, { replace: true });
  return (
    <ListPage
      title="Sessions"
      lead="Connections to deckies. Nobody has a reason to make one."
      one="session"
      many="sessions"
      rows={rows}
      idOf={(s) => s.id}
      query={query}
      columns={columns}
      card={(s) => <Card session={s} />}
      cardHeight={62}
      openId={openId}
      address={(id) => `/sessions${writeView(view, id)}`}
      filters={(p) => <SessionFilters view={view} onChange={setView} rows={rows} {...p} />}
      pane={(s, pane) => <SessionPane key={openId} id={openId ?? ''} row={s} {...pane} />}
      empty={<Empty narrowed={writeView(view) !== ''} />}
      error={(error, onRetry) => <DeceptionError error={error} onRetry={onRetry} />}
    />
  );
}

function Card({ session: s }: { session: DeckySession }) {
  return (
    <div className={frame.card}>
      <div className={frame.line}>
        <span className={frame.grow}>
          <SafeText mono>{s.attacker_ip}</SafeText> to <SafeText>{s.decky}</SafeText>, <SafeText>{s.service}</SafeText>
        </span>
        <Ago at={s.started_at} />
      </div>
      <div className={frame.line}>
        <span className={frame.grow}>
          {plural(s.attempts, 'attempt')}, {plural(s.commands, 'command')}
        </span>
        <Marks session={s} />
      </div>
    </div>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Notice icon={<FilterX size={26} />} title="No session matches">
      <p>There may be sessions outside this filter.</p>
    </Notice>
  ) : (
    <Notice icon={<SquareTerminal size={26} />} title="No sessions yet">
      <p>Nobody has touched a decky. To see what it would look like, touch one yourself; these are yours:</p>
      <Snippet label="CLI">cordon decky list</Snippet>
    </Notice>
  );
}
