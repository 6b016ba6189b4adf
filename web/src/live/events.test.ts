import { expect, it } from 'vitest';
import { addressOf } from './events';

const topicsOf = (address: string) => new URL(address, 'http://cordon').searchParams.getAll('topics');

it('follows what the pages show', () => {
  const all = topicsOf(addressOf([]));
  for (const t of ['leak.>', 'rule.>', 'incident.>', 'egress.>', 'attacker.>', 'credential.>', 'decky.*.state'])
    expect(all).toContain(t);
  expect(all, 'the firehose, for whoever asks').not.toContain('decky.*.traffic');
});

it('follows what a page asks for, once, and no more than the server takes', () => {
  const all = topicsOf(addressOf(['decky.*.traffic', 'decky.*.traffic', 'leak.>']));
  expect(all.filter((t) => t === 'decky.*.traffic')).toHaveLength(1);
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeLessThanOrEqual(16);
});
