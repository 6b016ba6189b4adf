import { Button } from '@mantine/core';
import { plural } from '../../lib/format';
import classes from './Incidents.module.css';
import type { Picks } from './usePicks';

/** How many rows are selected, and what can be done with them. Always there, so that a change is read out. */
export function Picked({ picks, onMerge }: { picks: Picks; onMerge: () => void }) {
  const n = picks.chosen.length;
  return (
    <div className={n === 0 ? classes.none : classes.picked}>
      <p role="status" className={n === 0 ? 'sr-only' : undefined}>
        {n > 0 && `${plural(n, 'incident')} selected${n === 1 ? ': select another to merge them' : ''}`}
      </p>
      {n > 1 && (
        <Button size="xs" variant="default" rightSection={<kbd>m</kbd>} onClick={onMerge}>
          Merge…
        </Button>
      )}
      {n > 0 && (
        <Button size="xs" variant="subtle" color="gray" onClick={picks.clear}>
          Clear the selection
        </Button>
      )}
    </div>
  );
}
