/**
 * Who did something, in people's words. The server names users by their name, and other callers as kind:name; a user's
 * name holds no colon.
 */
export function personOf(by: string): string {
  const [kind, ...rest] = by.split(':');
  const name = rest.join(':');
  if (name === '') return by;
  if (kind === 'api-key') return `API key ${name}`;
  if (kind === 'local') return `${name} on the server's machine`;
  return kind === 'system' ? 'Cordon' : by;
}
