import type { ReviewAction } from '../../api/types';

/** What the keyboard needs to know of the page. cursor is -1 while no row is chosen. */
export type View = { cursor: number; count: number; open: boolean; help: boolean; canReview: boolean };

export type Command =
  | { do: 'move'; to: number }
  | { do: 'open' | 'close' | 'help' | 'closeHelp' | 'filter' }
  | { do: 'review'; action: ReviewAction };

const reviews: Record<string, ReviewAction> = {
  a: 'confirmed',
  r: 'false_positive',
  i: 'uncertain',
  u: 'uncertain',
};

/** The keys of triage, shown by the help and the buttons. */
export const keyHelp: [keys: string[], what: string][] = [
  [['j', '↓'], 'next entry'],
  [['k', '↑'], 'previous entry'],
  [['g'], 'first entry'],
  [['G'], 'last loaded entry'],
  [['Enter'], 'open the entry'],
  [['Esc'], 'close what is open'],
  [['a'], 'accept: a real leak'],
  [['r'], 'reject: a false positive'],
  [['i', 'u'], 'uncertain'],
  [['/'], 'go to the filter'],
  [['?'], 'this help'],
];

/** Says what a key does in a view, or null when it means nothing there. */
export function command(key: string, v: View): Command | null {
  if (v.help) return key === 'Escape' || key === '?' ? { do: 'closeHelp' } : null;
  if (key === '?') return { do: 'help' };
  if (key === '/') return { do: 'filter' };
  if (key === 'Escape') return v.open ? { do: 'close' } : null;
  return move(key, v) ?? act(key, v);
}

function move(key: string, v: View): Command | null {
  if (v.count === 0) return null;
  const last = v.count - 1;
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return to(Math.min(v.cursor + 1, last));
    case 'k':
    case 'ArrowUp':
      return to(Math.max(v.cursor - 1, 0));
    case 'g':
    case 'Home':
      return to(0);
    case 'G':
    case 'End':
      return to(last);
    default:
      return null;
  }
}

const to = (n: number): Command => ({ do: 'move', to: n });

function act(key: string, v: View): Command | null {
  if (v.cursor < 0 && !v.open) return null;
  if (key === 'Enter') return v.open ? null : { do: 'open' };
  const action = reviews[key];
  return action !== undefined && v.canReview ? { do: 'review', action } : null;
}

/** Whether a key press belongs to whoever types, not to triage. */
export function belongsToPage(e: KeyboardEvent): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return false;
  const at = e.target instanceof HTMLElement ? e.target : null;
  if (at?.closest('input, textarea, select, [contenteditable], [role="menu"], [role="listbox"]')) return false;
  return !(e.key === 'Enter' && at?.closest('button, a'));
}
