import type { ActionVerb } from '../../api/actions';
import type { Action, Role } from '../../api/types';
import { middle } from '../../lib/format';
import { includes } from '../../lib/roles';

/** What the playbook wants, in a few words. */
export function whatOf(a: Action): string {
  switch (a.kind) {
    case 'block':
      return `block ${a.target} for ${lasting(a.minutes)}`;
    case 'quarantine':
      return `withhold secret ${middle(a.target, 12, 6)}`;
    case 'quarantine_message':
      return `withhold message ${middle(a.target, 12, 6)}`;
    case 'kill_switch':
      return 'turn the kill switch on';
    case 'notify':
      return `say: ${a.message}`;
  }
}

function lasting(minutes: number): string {
  if (minutes % 1440 === 0) return `${minutes / 1440} d`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}

/** What somebody may do with an action now. */
export function verbsOf(a: Action, role: Role | undefined): ActionVerb[] {
  if (!includes(role, 'responder')) return [];
  if (a.state === 'pending') return ['approve', 'reject'];
  return a.state === 'done' && whyNot(a, role) === '' ? ['undo'] : [];
}

/** Why what was done cannot be undone; empty: it can. */
export function whyNot(a: Action, role: Role | undefined): string {
  if (a.kind === 'notify') return 'What was said cannot be unsaid.';
  if (a.kind === 'kill_switch' && !includes(role, 'admin'))
    return 'Only an administrator may turn the kill switch off.';
  return '';
}

/** What undoing it does. */
export function undoing(a: Action): string {
  switch (a.kind) {
    case 'block':
      return `${a.target} comes off the block list; firewalls let it in with the next list that they pull.`;
    case 'quarantine':
      return 'Gossip gateways let the secret pass again, unless a quarantine entry or another action withholds it. An entry that was made stays.';
    case 'quarantine_message':
      return 'Gossip gateways let the message pass again, unless a quarantine entry, a person or another action withholds it.';
    default:
      return 'The kill switch goes off and programs may send again, if it is on because of this action alone.';
  }
}
