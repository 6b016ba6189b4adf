import { describe, expect, it } from 'vitest';
import type { Incident, Webhook } from '../../api/types';
import { elderOf, holdsSeveralSecrets, outcomeOf, whoHears, whyApart } from './merge';

const of = (id: string, change: Partial<Incident> = {}) =>
  ({
    id,
    title: `title of ${id}`,
    severity: 'medium',
    state: 'triggered',
    join: '',
    sensors: ['leak'],
    observations: 1,
    key_kind: 'secret',
    key: `v1:${id}`,
    assignee: '',
    closed_at: null,
    merged_into: null,
    merged: [],
    ...change,
  }) as Incident;
const over = { state: 'resolved', closed_at: '2026-03-14T10:00:00Z' } as const;

describe('incidents that are to be merged', () => {
  it.each([
    [[of('2'), of('1')], '1'],
    [[of('1', over), of('2')], '2'],
    [[of('2', over), of('1', over)], '1'],
  ])('become part of the first that is open', (all, want) => expect(elderOf(all)?.id).toBe(want));

  it('are as grave as the gravest, and called by the strongest join', () => {
    const joined = of('2', { join: 'anomalous_attacker', severity: 'high', sensors: ['anomaly', 'deception'] });
    const inUse = of('3', { join: 'leaked_secret_in_use', severity: 'critical', observations: 4, sensors: ['egress'] });
    expect(outcomeOf(of('1', { assignee: 'bo' }), [joined, inUse])).toEqual({
      title: 'title of 3',
      severity: 'critical',
      observations: 6,
      sensors: ['anomaly', 'deception', 'egress', 'leak'],
      assignee: 'bo',
      reopens: false,
    });
  });
  it('keep the name of the one that stays, when no join is stronger', () => {
    expect(outcomeOf(of('1'), [of('2', { severity: 'critical' })]).title).toBe('title of 1');
  });
  it.each([
    [of('1', over), of('2'), true],
    [of('1', over), of('2', over), false],
    [of('1', { ...over, state: 'ignored' }), of('2'), false],
  ])('open again what was resolved, if one of them is open', (whole, part, want) => {
    expect(outcomeOf(whole, [part]).reopens).toBe(want);
  });
  it('stay apart when one is a part already, or when there is but one', () => {
    expect(whyApart([of('1'), of('2')])).toBe('');
    expect(whyApart([of('1')])).toMatch(/another/);
    expect(whyApart([of('1'), of('2', { merged_into: '3' })])).toMatch(/title of 2.*split it off first/);
    expect(whyApart(Array.from({ length: 21 }, (_, k) => of(String(k))))).toMatch(/At most 20/);
  });
  it('may be of several secrets', () => {
    expect(holdsSeveralSecrets([of('1'), of('2')])).toBe(true);
    expect(holdsSeveralSecrets([of('1'), of('2', { key_kind: 'address', key: '203.0.113.9' })])).toBe(false);
  });
});

describe('who is told of a merge', () => {
  const hook = (change: Partial<Webhook>) =>
    ({ id: 'soc', topics: ['incident.>'], min_severity: 'low', state: 'active', ...change }) as Webhook;
  it.each([
    [hook({}), true],
    [hook({ topics: ['incident.*.closed'] }), true],
    [hook({ topics: ['>'] }), true],
    [hook({ topics: ['incident.*.opened', 'leak.>'] }), false],
    [hook({ topics: ['incident.*'] }), false],
    [hook({ min_severity: 'critical' }), false],
    [hook({ state: 'paused' }), false],
    [hook({ state: 'tripped' }), true],
  ])('are the webhooks that ask for it', (w, told) => expect(whoHears([w], 'high')).toEqual(told ? ['soc'] : []));
});
