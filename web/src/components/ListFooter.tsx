import { Button } from '@mantine/core';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { listBound } from '../api/queries';
import { count, plural } from '../lib/format';
import classes from './Split.module.css';

type Props = { shown: number; one: string; many: string; query: UseInfiniteQueryResult };

/** The end of a list that comes in pages: what is going on there, and how to go on. */
export function ListFooter({ shown, one, many, query }: Props) {
  return (
    <div className={classes.footer}>
      {query.isFetchNextPageError ? (
        <>
          The next {many} could not be loaded: {query.error?.message}
          <More query={query} label="Try again" />
        </>
      ) : query.isFetchingNextPage ? (
        'Loading more…'
      ) : !query.hasNextPage ? (
        `${plural(shown, one, many)}, all loaded`
      ) : shown >= listBound ? (
        `The newest ${count(shown)} ${many} are shown. Narrow the filter to reach older ones.`
      ) : (
        <More query={query} label="Load more" />
      )}
    </div>
  );
}

function More({ query, label }: { query: UseInfiniteQueryResult; label: string }) {
  return (
    <Button size="xs" variant="default" onClick={() => void query.fetchNextPage()}>
      {label}
    </Button>
  );
}
