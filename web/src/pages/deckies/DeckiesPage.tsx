import { Button } from '@mantine/core';
import { FilterX, Plus, Server } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useDeckies } from '../../api/deception';
import { useMe } from '../../api/queries';
import type { Decky } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { DeceptionError } from '../../components/DeceptionOff';
import { Choice, Filters } from '../../components/Filters';
import { ListPage } from '../../components/ListPage';
import frame from '../../components/ListPage.module.css';
import { Notice } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import type { Column } from '../../components/VirtualTable';
import { compact } from '../../lib/format';
import { includes } from '../../lib/roles';
import { readNames, writeNames } from '../../lib/view';
import { AddDecky } from './AddDecky';
import { DeckyPane } from './DeckyPane';
import { DeckyState } from './DeckyState';
import { MutateDecky } from './MutateDecky';
import { RemoveDecky } from './RemoveDecky';

const states: Decky['state'][] = ['running', 'degraded', 'failed', 'stopped'];

const columns: Column<Decky>[] = [
  { name: 'Name', width: 'minmax(84px, 0.9fr)', cell: (d) => <SafeText>{d.name}</SafeText> },
  { name: 'State', width: '146px', cell: (d) => <DeckyState decky={d} /> },
  { name: 'Plays', width: 'minmax(104px, 0.8fr)', cell: (d) => <SafeText>{d.archetype}</SafeText> },
  { name: 'Calls itself', width: 'minmax(88px, 0.8fr)', cell: (d) => <SafeText mono>{d.hostname}</SafeText> },
  { name: 'Address', width: 'minmax(104px, 0.8fr)', cell: (d) => <SafeText mono>{d.address}</SafeText> },
  { name: 'Services', width: 'minmax(130px, 1.2fr)', cell: (d) => <SafeText>{servicesOf(d)}</SafeText> },
  { name: 'Clients', width: '56px', cell: (d) => <span className="num">{compact(sum(d, 'clients'))}</span> },
  { name: 'Sessions', width: '66px', cell: (d) => <span className="num">{compact(sum(d, 'sessions'))}</span> },
  { name: 'Mutated', width: '88px', cell: (d) => <Mutated decky={d} /> },
  { name: 'Heard', width: '84px', cell: (d) => <Ago at={d.heard_at} /> },
];

/** What is to be done, and to which decky. */
type Asked = 'add' | { decky: Decky; to: 'remove' | 'mutate' };

function Mutated({ decky: d }: { decky: Decky }) {
  if (d.mutating) return <>now</>;
  return d.last_mutated === null ? <>never</> : <Ago at={d.last_mutated} />;
}

const servicesOf = (d: Decky) => d.services.map((s) => `${s.kind}:${s.port}`).join(', ');
const sum = (d: Decky, of: 'clients' | 'sessions') => d.services.reduce((all, s) => all + s[of], 0);

/** The decoys of all nodes, and how they fare. */
export function DeckiesPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const state = states.find((s) => s === readNames(search, ['state']).state);
  const query = useDeckies(state);
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const role = useMe().data?.role;
  const may = includes(role, 'admin');
  const [asked, setAsked] = useState<Asked>();
  const stop = () => setAsked(undefined);
  return (
    <>
      <ListPage
        title="Deckies"
        lead="Hosts that nobody should touch. Whoever does is worth a look."
        one="decky"
        many="deckies"
        rows={rows}
        idOf={(d) => d.id}
        query={query}
        columns={columns}
        card={(d) => <Card decky={d} />}
        cardHeight={62}
        openId={new URLSearchParams(search).get('open') ?? undefined}
        address={(id) => `/deckies${writeNames({ state }, ['state'], id)}`}
        filters={({ open }) => (
          <Filters open={open} onClear={state === undefined ? undefined : () => navigate('/deckies')}>
            <Choice
              name="State"
              options={[{ value: '', label: 'In any state' }, ...states]}
              value={state}
              onChange={(s) => navigate(`/deckies${writeNames({ state: s }, ['state'])}`, { replace: true })}
            />
          </Filters>
        )}
        pane={(d, pane) => (
          <DeckyPane
            decky={d}
            onRemove={may ? (decky) => setAsked({ decky, to: 'remove' }) : undefined}
            onMutate={includes(role, 'responder') ? (decky) => setAsked({ decky, to: 'mutate' }) : undefined}
            {...pane}
          />
        )}
        empty={<Empty narrowed={state !== undefined} />}
        error={(error, onRetry) => <DeceptionError error={error} onRetry={onRetry} />}
        actions={
          may && (
            <Button size="xs" leftSection={<Plus size={14} />} onClick={() => setAsked('add')}>
              Add a decky
            </Button>
          )
        }
        blocked={asked !== undefined}
      />
      {asked === 'add' && <AddDecky onClose={stop} />}
      {typeof asked === 'object' && asked.to === 'remove' && <RemoveDecky decky={asked.decky} onClose={stop} />}
      {typeof asked === 'object' && asked.to === 'mutate' && <MutateDecky decky={asked.decky} onClose={stop} />}
    </>
  );
}

function Card({ decky: d }: { decky: Decky }) {
  return (
    <div className={frame.card}>
      <div className={frame.line}>
        <span className={frame.grow}>
          <SafeText>{d.name}</SafeText>
        </span>
        <DeckyState decky={d} />
      </div>
      <div className={frame.line}>
        <span className={frame.grow}>
          <SafeText>{`${d.address}: ${servicesOf(d)}`}</SafeText>
        </span>
      </div>
    </div>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Notice icon={<FilterX size={26} />} title="No decky is in this state">
      <p>Clear the filter to see all.</p>
    </Notice>
  ) : (
    <Notice icon={<Server size={26} />} title="No deckies yet">
      <p>A decky is a decoy host. It needs a name, something to play, and an address of this machine:</p>
      <Snippet label="CLI">cordon decky add trap --archetype linux-server --service redis:6380</Snippet>
    </Notice>
  );
}
