import { describe, expect, it } from 'vitest';
import type { Block } from '../../api/types';
import { mayEnd, stateOf, wrongNetwork } from './words';

const entry: Block = {
  id: 'b1',
  network: '203.0.113.9',
  active: true,
  origin: 'person',
  by: 'ana',
  reason: 'guesses',
  spared: '',
  event_id: '',
  created_at: '2026-03-14T10:00:00Z',
  until: '2026-03-15T10:00:00Z',
  ended_at: null,
  ended_by: '',
};
const over = { ...entry, active: false };

describe('an entry of the block list', () => {
  it.each([
    [entry, 'blocked'],
    [{ ...entry, spared: 'an operator came from there' }, 'spared'],
    [over, 'over'],
    [{ ...over, ended_at: '2026-03-14T11:00:00Z' }, 'ended'],
  ])('stands as it does', (b, want) => expect(stateOf(b)).toBe(want));

  it('is taken off by responders while it is in force', () => {
    expect(mayEnd(entry, 'responder')).toBe(true);
    expect(mayEnd(entry, 'viewer')).toBe(false);
    expect(mayEnd(over, 'admin')).toBe(false);
  });

  it.each(['', ' 203.0.113.9 ', '203.0.113.0/24', '2001:db8::/48'])('%j may be a network', (t) =>
    expect(wrongNetwork(t)).toBe(''),
  );
  it.each(['example.com', '12', 'a b', '10.0.0.1/', '10.0.0.0/8/8'])('%j is none', (t) =>
    expect(wrongNetwork(t)).not.toBe(''),
  );
});
