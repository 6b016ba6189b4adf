import { describe, expect, it } from 'vitest';
import { isSilent, readServices, rhythm } from './services';

describe('services as somebody types them', () => {
  it('are kinds, each with a port or without', () => {
    expect(readServices(' ssh, redis:6380  http ')).toEqual({
      services: [{ kind: 'ssh' }, { kind: 'redis', port: 6380 }, { kind: 'http' }],
    });
  });
  it.each(['', ' , ', 'ssh:', 'ssh:0', 'ssh:65536', 'ssh:22:23', ':22', 'ssh:2e3', 'ssh:-1'])('%o is wrong', (text) => {
    expect(readServices(text)).toHaveProperty('wrong');
  });
});

it('knows when a node is silent', () => {
  const heard = '2026-11-20T12:00:00Z';
  expect(isSilent(heard, Date.parse('2026-11-20T12:03:00Z'))).toBe(false);
  expect(isSilent(heard, Date.parse('2026-11-20T12:03:01Z'))).toBe(true);
});

describe('how often a decky mutates', () => {
  it.each([
    [604_800, 'about every 7 days'],
    [86_400, 'about every day'],
    [129_600, 'about every 1.5 days'],
    [7_200, 'about every 2 hours'],
    [600, 'about every 10 minutes'],
  ])('%i s is %s', (seconds, says) => expect(rhythm(seconds)).toBe(says));
});
