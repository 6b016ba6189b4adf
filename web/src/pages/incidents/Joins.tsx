import type { Incident } from '../../api/types';
import { MergeDialog } from './MergeDialog';
import { SplitDialog } from './SplitDialog';
import type { Did } from './useJoining';

/** What is asked about: which incidents to merge, or which parts of a whole to split off. */
export type Joining = { merge: Incident[] } | { whole: string; chosen: string[] };

type Props = {
  joining: Joining | undefined;
  /** What the list shows, of which one may be merged with another. */
  rows: Incident[];
  did: Did;
  onMerged: (whole: string) => void;
  onClose: () => void;
};

const mostOffered = 200; // incidents to merge one with

/** The dialog that asks, when something is asked about. */
export function Joins({ joining, rows, did, onMerged, onClose }: Props) {
  if (joining === undefined) return null;
  if ('whole' in joining) return <SplitDialog {...joining} did={did} onClose={onClose} />;
  const asked = new Set(joining.merge.map((i) => i.id));
  const others = rows.filter((i) => i.merged_into === null && !asked.has(i.id)).slice(0, mostOffered);
  return <MergeDialog incidents={joining.merge} others={others} did={did} onMerged={onMerged} onClose={onClose} />;
}
