import { FilterX, Footprints } from 'lucide-react';
import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useAttackers } from '../../api/deception';
import type { Attacker } from '../../api/types';
import { DeceptionError } from '../../components/DeceptionOff';
import { Choice, Filters } from '../../components/Filters';
import { ListPage } from '../../components/ListPage';
import frame from '../../components/ListPage.module.css';
import { Notice } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import type { Column } from '../../components/VirtualTable';
import { compact, plural } from '../../lib/format';
import { AttackerPane } from './AttackerPane';
import { filterOf, readView, steps, type View, writeView } from './filters';
import { Score } from './Score';

const columns: Column<Attacker>[] = [
  { name: 'Score', width: '120px', cell: (a) => <Score score={a.score} /> },
  { name: 'Address', width: 'minmax(140px, 1.4fr)', cell: (a) => <SafeText mono>{a.address}</SafeText> },
  { name: 'Sessions', width: '80px', cell: (a) => <span className="num">{compact(a.sessions)}</span> },
  { name: 'Deckies', width: '76px', cell: (a) => <span className="num">{compact(a.deckies)}</span> },
  { name: 'Used / touched', width: '116px', cell: (a) => <Used attacker={a} /> },
  { name: 'Let in', width: '64px', cell: (a) => <span className="num">{compact(a.logins)}</span> },
  { name: 'Yours', width: 'minmax(120px, 0.8fr)', cell: (a) => <Yours attacker={a} /> },
  { name: 'First seen', width: '96px', cell: (a) => <Ago at={a.first_seen} /> },
  { name: 'Last seen', width: '96px', cell: (a) => <Ago at={a.last_seen} /> },
];

/** Who touched deckies, one row for each source address. */
export function AttackersPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const query = useAttackers(filterOf(view));
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const openId = new URLSearchParams(search).get('open') ?? undefined;
  const setView = (v: View) => navigate(`/attackers${writeView(v)}`, { replace: true });
  return (
    <ListPage
      title="Attackers"
      lead="Who touched a decky, by source address. The score says how grave it is, and the detail says why."
      one="attacker"
      many="attackers"
      rows={rows}
      idOf={(a) => a.id}
      query={query}
      columns={columns}
      card={(a) => <Card attacker={a} />}
      cardHeight={62}
      openId={openId}
      address={(id) => `/attackers${writeView(view, id)}`}
      filters={(p) => <Narrow view={view} onChange={setView} {...p} />}
      pane={(_, pane) => <AttackerPane key={openId} id={openId ?? ''} {...pane} />}
      empty={<Empty narrowed={filterOf(view).min_score !== undefined} />}
      error={(error, onRetry) => <DeceptionError error={error} onRetry={onRetry} />}
    />
  );
}

function Narrow({ view, onChange, open }: { view: View; onChange: (v: View) => void; open: boolean }) {
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <Choice
        name="Order"
        options={[
          { value: '', label: 'Who came last first' },
          { value: 'score', label: 'The gravest first' },
        ]}
        value={view.order}
        onChange={(value) => onChange({ ...view, order: value })}
      />
      <Choice
        name="Score"
        options={[
          { value: '', label: 'Any score' },
          ...steps.map((s) => ({ value: String(s), label: `Score ${s} or more` })),
        ]}
        value={view.min}
        onChange={(value) => onChange({ ...view, min: value })}
      />
    </Filters>
  );
}

const Used = ({ attacker: a }: { attacker: Attacker }) => (
  <span className="num">
    {compact(a.interacted)} / {compact(a.services)}
  </span>
);

function Yours({ attacker: a }: { attacker: Attacker }) {
  if (a.leaked === 0) return <span className={frame.quiet}>none</span>;
  return <strong>{plural(a.leaked, 'leaked secret')}</strong>;
}

function Card({ attacker: a }: { attacker: Attacker }) {
  return (
    <div className={frame.card}>
      <div className={frame.line}>
        <span className={frame.grow}>
          <SafeText mono>{a.address}</SafeText>
        </span>
        <Ago at={a.last_seen} />
      </div>
      <div className={frame.line}>
        <Score score={a.score} />
        <span className={frame.grow}>
          {plural(a.sessions, 'session')}, {plural(a.deckies, 'decky', 'deckies')}
          {a.leaked > 0 && ', tried a secret of yours'}
        </span>
      </div>
    </div>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Notice icon={<FilterX size={26} />} title="No attacker is that grave">
      <p>There may be others below this score.</p>
    </Notice>
  ) : (
    <Notice icon={<Footprints size={26} />} title="No attackers yet">
      <p>Nobody has touched a decky.</p>
    </Notice>
  );
}
