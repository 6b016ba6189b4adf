import { expect, it } from 'vitest';
import type { EventRecord } from '../../api/types';
import { deviationsOf, hourOf, ofPair, usualDay } from './deviations';

const event = (data: unknown): EventRecord =>
  ({ id: 'e1', time: '2026-03-14T00:00:00Z', topic: 'egress.baseline.deviated', data }) as EventRecord;

it('reads what events say, and leaves out what cannot be read', () => {
  const whole = {
    program: '/bin/x',
    host: 'a.example',
    measure: 'bytes_out',
    unit: 'bytes',
    observed: 42e6,
    explanation: 'why',
    occurred_at: '2026-03-14T03:30:00Z',
  };
  const read = deviationsOf([event(whole), event(null), event('text'), event({ host: 'b.example' })]);
  expect(read).toHaveLength(1);
  expect(read[0]).toMatchObject({ daily: false, unit: 'bytes', at: '2026-03-14T03:30:00Z', explanation: 'why' });
  expect(ofPair(read, { program: '/bin/x', host: 'a.example' })).toHaveLength(1);
  expect(ofPair(read, { program: '', host: 'a.example' })).toHaveLength(0);
});

it('takes the time of the event where nothing else is said, and no program for one that is not known', () => {
  const [d] = deviationsOf([event({ host: 'a.example', observed: 1, measure: 'bytes_out_daily', unit: 'bytes' })]);
  expect(d).toMatchObject({ program: '', at: '2026-03-14T00:00:00Z', daily: true });
});

it('counts hours in UTC', () => expect(hourOf('2026-03-14T03:30:00+01:00')).toBe(2.5));

it('says what a usual day is', () => {
  expect(usualDay({ days: [] })).toBe(0);
  const days = [
    { day: '2026-03-14', bytes: 10 },
    { day: '2026-03-15', bytes: 20 },
  ];
  expect(usualDay({ days })).toBe(15);
});
