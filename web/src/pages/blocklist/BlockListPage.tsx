import { Button } from '@mantine/core';
import { BrickWall } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useBlocks } from '../../api/blocks';
import { useMe } from '../../api/queries';
import type { Block } from '../../api/types';
import { BlockDialog } from '../../components/BlockDialog';
import { Choice, Filters } from '../../components/Filters';
import { ListPage } from '../../components/ListPage';
import frame from '../../components/ListPage.module.css';
import { Notice } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago, Stamp } from '../../components/Time';
import type { Column } from '../../components/VirtualTable';
import { includes } from '../../lib/roles';
import { searchOf } from '../../lib/view';
import { BlockPane } from './BlockPane';
import { EndBlock } from './EndBlock';
import { askedBy, mayEnd, stateOf } from './words';

const columns: Column<Block>[] = [
  { name: 'State', width: '104px', cell: (b) => <StateTag state={stateOf(b)} /> },
  { name: 'Address', width: 'minmax(150px, 0.8fr)', cell: (b) => <SafeText mono>{b.network}</SafeText> },
  { name: 'Because', width: 'minmax(180px, 1.6fr)', cell: (b) => <SafeText>{b.reason}</SafeText> },
  { name: 'Asked by', width: 'minmax(120px, 0.7fr)', cell: (b) => <SafeText>{askedBy(b)}</SafeText> },
  { name: 'Since', width: '96px', cell: (b) => <Ago at={b.created_at} /> },
  { name: 'Until', width: '160px', cell: (b) => <Stamp at={b.ended_at ?? b.until} /> },
];

const keys: [keys: string[], what: string][] = [[['u'], 'let it in again']];
const addressOf = (all: boolean, open?: string) =>
  `/block-list${searchOf(new URLSearchParams(all ? { all: '1' } : {}), open)}`;

/** What firewalls are to turn away: why, until when, who asked for it, and how to undo it. */
export function BlockListPage() {
  const search = new URLSearchParams(useSearch());
  const [, navigate] = useLocation();
  const all = search.get('all') === '1';
  const openId = search.get('open') ?? undefined;
  const query = useBlocks(all);
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const role = useMe().data?.role;
  const [ending, end] = useState<Block>();
  const [adding, add] = useState(false);
  const onKey = (key: string, b: Block | undefined) => {
    if (key !== 'u' || b === undefined || !mayEnd(b, role)) return false;
    end(b);
    return true;
  };
  return (
    <>
      <ListPage
        title="Block list"
        lead="What firewalls that pull this list turn away. Entries end by themselves."
        one="entry"
        many="entries"
        rows={rows}
        idOf={(b) => b.id}
        query={query}
        columns={columns}
        card={(b) => <Card block={b} />}
        cardHeight={62}
        openId={openId}
        address={(id) => addressOf(all, id)}
        actions={includes(role, 'responder') && <Button onClick={() => add(true)}>Block an address…</Button>}
        filters={({ open }) => (
          <Filters open={open} onClear={all ? () => navigate('/block-list') : undefined}>
            <Choice
              name="Which"
              options={[
                { value: '', label: 'In force' },
                { value: '1', label: 'Also what is over' },
              ]}
              value={all ? '1' : undefined}
              onChange={(v) => navigate(addressOf(v === '1'), { replace: true })}
            />
          </Filters>
        )}
        pane={(b, pane) => <BlockPane block={b?.id === openId ? b : undefined} onEnd={() => b && end(b)} {...pane} />}
        empty={<Empty />}
        more={{ keys, onKey }}
        blocked={ending !== undefined || adding}
      />
      {ending !== undefined && <EndBlock block={ending} onClose={() => end(undefined)} />}
      {adding && <BlockDialog onClose={() => add(false)} />}
    </>
  );
}

function Card({ block: b }: { block: Block }) {
  return (
    <div className={frame.card}>
      <div className={frame.line}>
        <span className={frame.grow}>
          <SafeText mono>{b.network}</SafeText>
        </span>
        <StateTag state={stateOf(b)} />
      </div>
      <div className={frame.line}>
        <span className={frame.grow}>
          <SafeText>{b.reason}</SafeText>
        </span>
        <Ago at={b.created_at} />
      </div>
    </div>
  );
}

function Empty() {
  return (
    <Notice icon={<BrickWall size={26} />} title="Nothing is blocked">
      <p>
        Playbooks and responders put addresses here for a while. Firewalls pull the list:{' '}
        <code>cordon decision list --for nft</code>, or the API; <code>docs/response.md</code> says how.
      </p>
    </Notice>
  );
}
