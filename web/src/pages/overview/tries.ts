import type { Decky } from '../../api/types';

/** What a newcomer can try at an SSH service of a decky that is open; null when there is none. */
export function tryDecky(deckies: Decky[]): string | null {
  for (const d of deckies) {
    const ssh = d.services.find((s) => s.kind === 'ssh' && s.listening);
    if (ssh !== undefined) return `ssh -p ${ssh.port} root@${d.address}`;
  }
  return null;
}

/** What a newcomer can send through the gateway at `listen`; null when it is off. */
export const tryGateway = (listen: string): string | null =>
  listen === '' ? null : `curl --proxy http://${listen} http://example.com/`;
