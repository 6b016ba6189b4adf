import type { Role } from '../api/types';

const order: Role[] = ['viewer', 'reviewer', 'responder', 'admin'];

/** Whether a role may do what `needed` may; each role includes the ones below. */
export function includes(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && order.indexOf(role) >= order.indexOf(needed);
}
