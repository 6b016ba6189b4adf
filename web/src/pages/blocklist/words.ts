import type { Block, Role } from '../../api/types';
import { personOf } from '../../lib/people';
import { includes } from '../../lib/roles';

/** How an entry stands: in force, kept from firewalls for the moment, taken off, or over. */
export function stateOf(b: Block): 'blocked' | 'spared' | 'ended' | 'over' {
  if (b.ended_at !== null) return 'ended';
  if (!b.active) return 'over';
  return b.spared === '' ? 'blocked' : 'spared';
}

/** Whether somebody may take it off the list. */
export const mayEnd = (b: Block, role: Role | undefined): boolean => b.active && includes(role, 'responder');

/** Who asked for it, in people's words. */
export const askedBy = (b: Block): string => (b.origin === 'playbook' ? `playbook ${b.by}` : personOf(b.by));
