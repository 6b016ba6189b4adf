import { describe, expect, it } from 'vitest';
import { isLoopback, wrongNetwork } from './network';

describe('an address or network', () => {
  it.each(['', ' 203.0.113.9 ', '203.0.113.0/24', '2001:db8::/48'])('%j may be one', (t) =>
    expect(wrongNetwork(t)).toBe(''),
  );
  it.each(['example.com', '12', 'a b', '10.0.0.1/', '10.0.0.0/8/8'])('%j is none', (t) =>
    expect(wrongNetwork(t)).not.toBe(''),
  );
  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])("%j is the machine's own", (t) =>
    expect(isLoopback(t)).toBe(true),
  );
  it.each(['203.0.113.9', '::12', '12.7.0.1', ''])('%j is not', (t) => expect(isLoopback(t)).toBe(false));
});
