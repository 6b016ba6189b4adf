import { Button } from '@mantine/core';
import { History } from 'lucide-react';
import type { useEvents } from '../../api/events';
import { ListFooter } from '../../components/ListFooter';
import { Stamp } from '../../components/Time';
import classes from './Events.module.css';
import { useFurther } from './useFurther';

type Query = ReturnType<typeof useEvents>;

/** How far back a search looked that gave up; undefined when it did not. */
export const gaveUpAt = (query: Query): string | undefined =>
  (query.hasNextPage && query.data?.pages.at(-1)?.searched_to) || undefined;

/** The end of the list: all, more to load, or how far back was looked. */
export function EventsFooter({ query, shown }: { query: Query; shown: number }) {
  const at = gaveUpAt(query);
  if (at === undefined || query.isError) return <ListFooter shown={shown} one="event" many="events" query={query} />;
  return (
    <div className={classes.footer}>
      <span>
        Looked back to <Stamp at={at} />
      </span>
      <FurtherButton query={query} />
    </div>
  );
}

export function FurtherButton({ query }: { query: Query }) {
  const { busy, further } = useFurther(query);
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<History size={14} />}
      loading={busy}
      onClick={() => void further()}
    >
      Look further back
    </Button>
  );
}
