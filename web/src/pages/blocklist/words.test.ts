import { describe, expect, it } from 'vitest';
import type { Block } from '../../api/types';
import { askedBy, mayEnd, stateOf } from './words';

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

  it.each([
    [entry, 'ana'],
    [{ ...entry, by: 'local:root' }, "root on the server's machine"],
    [{ ...entry, by: 'api-key:firewall' }, 'API key firewall'],
    [{ ...entry, origin: 'playbook', by: 'guessers' } as const, 'playbook guessers'],
  ])('says who asked for it', (b, want) => expect(askedBy(b)).toBe(want));
});
