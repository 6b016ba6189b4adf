/** The areas of the API that a key can be narrowed to: the tags of its operations. */
export const areas = [
  { name: 'incidents', text: 'incidents and their timelines' },
  { name: 'leak', text: 'quarantine, findings, sources' },
  { name: 'egress', text: 'decisions, policy, kill switch' },
  { name: 'deception', text: 'deckies, attackers and what they left' },
  { name: 'anomalies', text: 'what was more than chance, and its rules' },
  { name: 'response', text: 'the block list and playbooks' },
  { name: 'gossip', text: 'gossip gateways and blocked messages' },
  { name: 'events', text: 'the event log, and events of other processes' },
  { name: 'rules', text: 'detection rules' },
  { name: 'webhooks', text: 'webhooks and deliveries' },
  { name: 'node', text: 'health, workers, configuration' },
  { name: 'backup', text: 'copies of the whole database' },
  { name: 'audit', text: 'the audit log' },
  { name: 'access', text: 'users and keys' },
] as const;

/** Adds a scope or takes it away; the order is that of the areas. */
export function toggle(scopes: string[], scope: string): string[] {
  const on = new Set(scopes);
  if (!on.delete(scope)) on.add(scope);
  return areas.flatMap(({ name }) => [`${name}:read`, `${name}:write`]).filter((s) => on.has(s));
}

/** What a key may do, in words. */
export function described(role: string, scopes: string[]): string {
  return scopes.length === 0 ? `all that ${role} may` : scopes.join(', ');
}
