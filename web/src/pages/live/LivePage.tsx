import { Button } from '@mantine/core';
import { Activity, FilterX, Pause, Play } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { Snippet } from '../../components/Copy';
import { DeceptionError } from '../../components/DeceptionOff';
import { ListPage } from '../../components/ListPage';
import { Notice } from '../../components/States';
import { Card, columns } from './columns';
import { FeedBar, FeedFooter, FeedState } from './FeedState';
import type { Row } from './feed';
import { readView, type View, writeView } from './filters';
import { LiveFilters } from './LiveFilters';
import { LivePane, wayTo } from './LivePane';
import { useFeed } from './useFeed';

const scrolledAway = 60; // px; further down than this, new rows wait

const keyHelp: [keys: string[], what: string][] = [
  [['p'], 'pause, or go on'],
  [['s'], 'go to the session'],
  [['a'], 'go to the attacker'],
];

/** What is done on deckies, as it happens. */
export function LivePage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const openId = new URLSearchParams(search).get('open') ?? undefined;
  const [paused, setPaused] = useState(false);
  const [away, setAway] = useState(false);
  const { query, rows, fresh, waiting } = useFeed(view, paused || away || openId !== undefined);
  const setView = (v: View) => {
    setAway(false);
    navigate(`/live${writeView(v)}`, { replace: true });
  };
  const goOn = () => {
    setPaused(false);
    setAway(false);
    if (openId !== undefined) navigate(`/live${writeView(view)}`);
  };
  const show = (toTop: () => void) => {
    goOn();
    toTop();
  };
  const onKey = (key: string, row: Row | undefined) => {
    if (key === 'p') paused ? goOn() : setPaused(true);
    else if (row !== undefined && (key === 's' || key === 'a'))
      navigate(wayTo(row)[key === 's' ? 'session' : 'attacker']);
    else return false;
    return true;
  };
  return (
    <ListPage
      title="Live"
      lead="Who comes to your deckies, and what they do there, as it happens."
      one="event"
      many="events"
      rows={rows}
      idOf={(r) => r.id}
      query={query}
      columns={columns}
      card={(r) => <Card row={r} />}
      cardHeight={62}
      fresh={fresh}
      onScrolled={(top) => setAway(top > scrolledAway)}
      openId={openId}
      address={(id) => `/live${writeView(view, id)}`}
      filters={(p) => <LiveFilters view={view} onChange={setView} rows={rows} {...p} />}
      actions={
        <>
          <FeedState paused={paused} held={away || openId !== undefined} />
          <PauseButton paused={paused} onClick={paused ? goOn : () => setPaused(true)} />
        </>
      }
      above={(toTop) => <FeedBar waiting={waiting} onShow={() => show(toTop)} />}
      footer={<FeedFooter shown={rows.length} query={query} />}
      more={{ keys: keyHelp, onKey }}
      pane={(r, pane) => <LivePane row={r} {...pane} />}
      empty={<Empty narrowed={writeView(view) !== ''} />}
      error={(error, onRetry) => <DeceptionError error={error} onRetry={onRetry} />}
    />
  );
}

function PauseButton({ paused, onClick }: { paused: boolean; onClick: () => void }) {
  const Icon = paused ? Play : Pause;
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<Icon size={14} aria-hidden="true" />}
      rightSection={<kbd>p</kbd>}
      onClick={onClick}
    >
      {paused ? 'Go on' : 'Pause'}
    </Button>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Notice icon={<FilterX size={26} />} title="Nothing matches">
      <p>Not among the newest that are on record. What comes and matches appears here by itself.</p>
    </Notice>
  ) : (
    <Notice icon={<Activity size={26} />} title="Nothing happens">
      <p>Nobody has touched a decky. Whoever does appears here. To see it, touch one yourself; these are yours:</p>
      <Snippet label="CLI">cordon decky list</Snippet>
    </Notice>
  );
}
