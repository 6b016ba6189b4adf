import { useState } from 'react';
import type { Incident } from '../../api/types';

/** Which rows of the list are selected, for what is done with several. What leaves the list is selected no more. */
export function usePicks(rows: Incident[]) {
  const [ids, set] = useState<ReadonlySet<string>>(new Set());
  return {
    ids,
    chosen: rows.filter((i) => ids.has(i.id)),
    toggle: ({ id }: Incident) => set((now) => new Set(now.has(id) ? [...now].filter((x) => x !== id) : [...now, id])),
    clear: () => set(new Set()),
  };
}

export type Picks = ReturnType<typeof usePicks>;
