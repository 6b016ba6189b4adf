import { describe, expect, it } from 'vitest';
import { isSnoozed, untilOf } from './snooze';

const now = new Date(2026, 10, 30, 22, 15, 7);

describe('snoozing', () => {
  it('ends after its time, tomorrow at nine by the clock on the wall', () => {
    expect(Date.parse(untilOf('hour', now)) - now.getTime()).toBe(3_600_000);
    expect(Date.parse(untilOf('month', now)) - now.getTime()).toBe(30 * 86_400_000);
    expect(new Date(untilOf('morning', now))).toEqual(new Date(2026, 11, 1, 9));
  });
  it('is over when the time has come, or when the incident is closed', () => {
    const until = '2026-11-22T12:00:00Z';
    const at = Date.parse(until);
    expect(isSnoozed({ snoozed_until: until, closed_at: null }, at - 1)).toBe(true);
    expect(isSnoozed({ snoozed_until: until, closed_at: null }, at)).toBe(false);
    expect(isSnoozed({ snoozed_until: until, closed_at: until }, at - 1)).toBe(false);
    expect(isSnoozed({ snoozed_until: null, closed_at: null }, at)).toBe(false);
  });
});
