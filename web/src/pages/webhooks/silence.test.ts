import { expect, it } from 'vitest';
import type { EventRecord } from '../../api/types';
import { blank, hides, reachOf, requestOf } from './silence';

const event = (change: Partial<EventRecord>) =>
  ({
    topic: 'leak.message.quarantined',
    severity: 'high',
    data: { rule: 'r', source_id: 'chat' },
    ...change,
  }) as EventRecord;

it('asks for what the form says, and for no empty list', () => {
  expect(requestOf({ ...blank, topics: ' leak.>, egress.> leak.>', rules: 'r' }, 'a drill')).toEqual({
    topics: ['leak.>', 'egress.>'],
    rules: ['r'],
    max_severity: 'high',
    minutes: 120,
    reason: 'a drill',
  });
});

it.each([
  ['as bad as it may be', {}, {}, true],
  ['milder', {}, { severity: 'info' as const }, true],
  ['worse', {}, { severity: 'critical' as const }, false],
  [
    'what is critical, when that is silenced too',
    { max_severity: 'critical' as const },
    { severity: 'critical' as const },
    true,
  ],
  ['of the rule', { rules: 'x r' }, {}, true],
  ['of another rule', { rules: 'x' }, {}, false],
  ['of the rule, from another source', { rules: 'r', sources: 'mail' }, {}, false],
  ['that names no rule', { rules: 'r' }, { data: null }, false],
  ['that tells of a silence', { max_severity: 'critical' as const }, { topic: 'system.silence.changed' }, false],
])('an event %s', (_, draft, change, want) => expect(hides({ ...blank, ...draft }, event(change))).toBe(want));

it('says what it would have done', () => {
  const { hidden, told } = reachOf(blank, [event({}), event({ severity: 'critical' }), event({ severity: 'low' })]);
  expect([hidden.length, told]).toEqual([2, 1]);
});
