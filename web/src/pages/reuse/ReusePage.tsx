import { FilterX, KeyRound, Repeat } from 'lucide-react';
import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useReuses } from '../../api/deception';
import type { Reuse } from '../../api/types';
import { DeceptionError } from '../../components/DeceptionOff';
import { Choice, Filters, OneSecret } from '../../components/Filters';
import { ListPage } from '../../components/ListPage';
import frame from '../../components/ListPage.module.css';
import { Mark } from '../../components/Mark';
import { Notice } from '../../components/States';
import { Ago } from '../../components/Time';
import type { Column } from '../../components/VirtualTable';
import { compact, middle, plural } from '../../lib/format';
import { plain } from '../../lib/text';
import { filterOf, readView, steps, type View, writeView } from './filters';
import { ReusePane } from './ReusePane';

const columns: Column<Reuse>[] = [
  { name: 'Secret', width: 'minmax(150px, 1.2fr)', cell: (r) => <Print reuse={r} /> },
  { name: 'Services', width: '84px', cell: (r) => <span className="num">{compact(r.targets)}</span> },
  { name: 'Addresses', width: '92px', cell: (r) => <span className="num">{compact(r.addresses)}</span> },
  { name: 'Yours', width: 'minmax(90px, 0.6fr)', cell: (r) => <Leaked reuse={r} /> },
  { name: 'First tried', width: '96px', cell: (r) => <Ago at={r.first_seen} /> },
  { name: 'Last tried', width: '96px', cell: (r) => <Ago at={r.last_seen} /> },
];

/** Passwords that were tried in several places, or by several addresses. */
export function ReusePage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const query = useReuses(filterOf(view));
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const openId = new URLSearchParams(search).get('open') ?? undefined;
  const setView = (v: View) => navigate(`/reuse${writeView(v)}`, { replace: true });
  return (
    <ListPage
      title="Reuse"
      lead="One password on several services, or by several addresses: whoever tries it works from the same list, or is the same."
      one="secret"
      many="secrets"
      rows={rows}
      idOf={(r) => r.id}
      query={query}
      columns={columns}
      card={(r) => <Card reuse={r} />}
      cardHeight={62}
      openId={openId}
      address={(id) => `/reuse${writeView(view, id)}`}
      filters={(p) => <Narrow view={view} onChange={setView} {...p} />}
      pane={(_, pane) => <ReusePane key={openId} id={openId ?? ''} {...pane} />}
      empty={<Empty narrowed={Object.keys(filterOf(view)).length > 0} />}
      error={(error, onRetry) => <DeceptionError error={error} onRetry={onRetry} />}
    />
  );
}

function Narrow({ view, onChange, open }: { view: View; onChange: (v: View) => void; open: boolean }) {
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <Choice
        name="Services"
        options={[
          { value: '', label: 'On any number of services' },
          ...steps.map((s) => ({ value: String(s), label: `On ${s} services or more` })),
        ]}
        value={view.min}
        onChange={(value) => onChange({ ...view, min: value })}
      />
      {view.fingerprint && <OneSecret fingerprint={view.fingerprint} />}
    </Filters>
  );
}

const Print = ({ reuse: r }: { reuse: Reuse }) => <code>{plain(middle(r.fingerprint, 12, 6))}</code>;

const Leaked = ({ reuse: r }: { reuse: Reuse }) =>
  r.leaked ? <Mark icon={KeyRound} text="yours" tone="bad" /> : <span className={frame.quiet}>no</span>;

function Card({ reuse: r }: { reuse: Reuse }) {
  return (
    <div className={frame.card}>
      <div className={frame.line}>
        <span className={frame.grow}>
          <Print reuse={r} />
        </span>
        <Ago at={r.last_seen} />
      </div>
      <div className={frame.line}>
        <span className={frame.grow}>
          {plural(r.targets, 'service')}, {plural(r.addresses, 'address', 'addresses')}
        </span>
        {r.leaked && <Leaked reuse={r} />}
      </div>
    </div>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Notice icon={<FilterX size={26} />} title="No secret matches">
      <p>There may be secrets outside this filter.</p>
    </Notice>
  ) : (
    <Notice icon={<Repeat size={26} />} title="No reuse yet">
      <p>No password was tried on two services of deckies, or by two addresses.</p>
    </Notice>
  );
}
