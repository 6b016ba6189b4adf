import type { NewDecky } from '../../api/types';

type Services = NewDecky['services'];

/** Reads "ssh, redis:6380": kinds, each with a port or its usual one. Says what is wrong. */
export function readServices(text: string): { services: Services } | { wrong: string } {
  const services: Services = [];
  for (const part of text.split(/[\s,]+/).filter(Boolean)) {
    const [kind = '', port, ...rest] = part.split(':');
    if (kind === '' || rest.length > 0 || (port !== undefined && !isPort(port))) {
      return { wrong: `"${part}" is no service; write ssh, or redis:6380 for a port of its own` };
    }
    services.push({ kind, ...(port !== undefined && { port: Number(port) }) });
  }
  return services.length === 0 ? { wrong: 'name at least one service, such as ssh' } : { services };
}

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

const patience = 3 * 60_000; // a node tells each minute at least

/** Whether a decky's node was not heard of for so long that the decky is gone with it. */
export const isSilent = (heardAt: string, now: number): boolean => now - Date.parse(heardAt) > patience;

/** How often a decky mutates by itself, in the largest unit that fits. */
export function rhythm(seconds: number): string {
  const units: [number, string][] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ];
  for (const [size, name] of units) {
    const n = Math.round((seconds / size) * 10) / 10;
    if (n >= 1) return n === 1 ? `about every ${name}` : `about every ${n} ${name}s`;
  }
  return `about every ${seconds} seconds`;
}
