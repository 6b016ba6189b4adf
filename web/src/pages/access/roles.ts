/** The roles with what they may do, for selects. */
export const roles = [
  { value: 'viewer', label: 'viewer: sees everything' },
  { value: 'reviewer', label: 'reviewer: also decides on quarantine entries' },
  { value: 'responder', label: 'responder: also changes what sensors do' },
  { value: 'admin', label: 'admin: also manages users, keys, rules, webhooks and nodes' },
];
