import { FilterX, KeySquare } from 'lucide-react';
import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useCredentials } from '../../api/deception';
import type { Credential } from '../../api/types';
import { DeceptionError } from '../../components/DeceptionOff';
import { ListPage } from '../../components/ListPage';
import frame from '../../components/ListPage.module.css';
import { Notice } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import type { Column } from '../../components/VirtualTable';
import { compact, plural } from '../../lib/format';
import { CredentialFilters } from './CredentialFilters';
import { CredentialMarks } from './CredentialMarks';
import { CredentialPane } from './CredentialPane';
import { filterOf, readView, type View, writeView } from './filters';
import { wordOf } from './kinds';
import { Principal } from './Principal';

const columns: Column<Credential>[] = [
  { name: 'As', width: 'minmax(110px, 1fr)', cell: (c) => <Principal name={c.principal} /> },
  { name: 'Kind', width: 'minmax(100px, 0.8fr)', cell: (c) => <SafeText>{wordOf(c.kind)}</SafeText> },
  { name: 'From', width: 'minmax(120px, 1fr)', cell: (c) => <SafeText mono>{c.attacker_ip}</SafeText> },
  { name: 'Decky', width: 'minmax(90px, 0.8fr)', cell: (c) => <SafeText>{c.decky}</SafeText> },
  { name: 'Service', width: '90px', cell: (c) => <SafeText>{c.service}</SafeText> },
  { name: 'Tried', width: '64px', cell: (c) => <span className="num">{compact(c.attempts)}</span> },
  { name: 'Marks', width: '140px', cell: (c) => <CredentialMarks credential={c} /> },
  { name: 'First tried', width: '96px', cell: (c) => <Ago at={c.first_seen} /> },
  { name: 'Last tried', width: '96px', cell: (c) => <Ago at={c.last_seen} /> },
];

/** What was tried to log in with on deckies. The secrets themselves are sealed. */
export function CredentialsPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const query = useCredentials(filterOf(view));
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const openId = new URLSearchParams(search).get('open') ?? undefined;
  const setView = (v: View) => navigate(`/credentials${writeView(v)}`, { replace: true });
  return (
    <ListPage
      title="Credentials"
      lead="What was tried to log in with on deckies. The secrets are sealed; an administrator can look at one."
      one="credential"
      many="credentials"
      rows={rows}
      idOf={(c) => c.id}
      query={query}
      columns={columns}
      card={(c) => <Card credential={c} />}
      cardHeight={62}
      openId={openId}
      address={(id) => `/credentials${writeView(view, id)}`}
      filters={(p) => <CredentialFilters view={view} onChange={setView} rows={rows} {...p} />}
      pane={(c, pane) => <CredentialPane key={openId} credential={c?.id === openId ? c : undefined} {...pane} />}
      empty={<Empty narrowed={writeView(view) !== ''} />}
      error={(error, onRetry) => <DeceptionError error={error} onRetry={onRetry} />}
    />
  );
}

function Card({ credential: c }: { credential: Credential }) {
  return (
    <div className={frame.card}>
      <div className={frame.line}>
        <span className={frame.grow}>
          <Principal name={c.principal} /> on <SafeText>{c.decky}</SafeText>, <SafeText>{c.service}</SafeText>
        </span>
        <Ago at={c.last_seen} />
      </div>
      <div className={frame.line}>
        <span className={frame.grow}>
          {plural(c.attempts, 'attempt')} from <SafeText mono>{c.attacker_ip}</SafeText>
        </span>
        <CredentialMarks credential={c} />
      </div>
    </div>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Notice icon={<FilterX size={26} />} title="No credential matches">
      <p>There may be credentials outside this filter.</p>
    </Notice>
  ) : (
    <Notice icon={<KeySquare size={26} />} title="No credentials yet">
      <p>Nobody has tried to log in to a decky.</p>
    </Notice>
  );
}
