import type { Block, Role } from '../../api/types';
import { includes } from '../../lib/roles';

/** How an entry stands: in force, kept from firewalls for the moment, taken off, or over. */
export function stateOf(b: Block): 'blocked' | 'spared' | 'ended' | 'over' {
  if (b.ended_at !== null) return 'ended';
  if (!b.active) return 'over';
  return b.spared === '' ? 'blocked' : 'spared';
}

/** Whether somebody may take it off the list. */
export const mayEnd = (b: Block, role: Role | undefined): boolean => b.active && includes(role, 'responder');

/** How long people block for, and what it is in minutes. */
export const spans: { value: string; label: string }[] = [
  { value: '60', label: 'an hour' },
  { value: '1440', label: 'a day' },
  { value: '10080', label: 'a week' },
  { value: '43200', label: '30 days' },
];

/** What is wrong with an address or network as far as one can see without asking the server; empty: nothing. */
export function wrongNetwork(text: string): string {
  const t = text.trim();
  if (t === '') return '';
  return /^[0-9a-f.:]+(\/\d{1,3})?$/i.test(t) && /[.:]/.test(t) ? '' : 'Such as 203.0.113.9, or 203.0.113.0/24';
}
