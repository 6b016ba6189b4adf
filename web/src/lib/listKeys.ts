/** What the keyboard needs to know of a list. cursor is -1 while no row is chosen. */
export type ListView = { cursor: number; count: number; open: boolean; help: boolean };

export type ListCommand = { do: 'move'; to: number } | { do: 'open' | 'close' | 'help' | 'closeHelp' | 'filter' };

/** The keys of every list, for its help. */
export function listKeyHelp(one: string): [keys: string[], what: string][] {
  return [
    [['j', '↓'], `next ${one}`],
    [['k', '↑'], `previous ${one}`],
    [['g'], `first ${one}`],
    [['G'], `last loaded ${one}`],
    [['Enter'], `open the ${one}`],
    [['Esc'], 'close what is open'],
    [['/'], 'go to the filter'],
    [['?'], 'this help'],
  ];
}

/** Says what a key does in a list, or null when it means nothing there. */
export function listCommand(key: string, v: ListView): ListCommand | null {
  if (v.help) return key === 'Escape' || key === '?' ? { do: 'closeHelp' } : null;
  if (key === '?') return { do: 'help' };
  if (key === '/') return { do: 'filter' };
  if (key === 'Escape') return v.open ? { do: 'close' } : null;
  if (key === 'Enter') return v.cursor >= 0 && !v.open ? { do: 'open' } : null;
  return move(key, v);
}

function move(key: string, v: ListView): ListCommand | null {
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

const to = (n: number): ListCommand => ({ do: 'move', to: n });

/** Whether a key press is for the page, not for whoever types or for a dialog. */
export function belongsToPage(e: KeyboardEvent): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return false;
  const at = e.target instanceof HTMLElement ? e.target : null;
  if (at?.closest('form')) return false; // what is being written must not be left by a slip
  if (at?.closest('input[type="radio"], input[type="checkbox"]')) return !e.key.startsWith('Arrow');
  if (at?.closest('input, textarea, select, [contenteditable], [role="menu"], [role="listbox"]')) return false;
  return !((e.key === 'Enter' || e.key === ' ') && at?.closest('button, a'));
}
