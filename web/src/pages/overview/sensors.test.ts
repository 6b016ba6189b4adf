import { describe, expect, it } from 'vitest';
import { atLeast, bySeverity, recent } from './sensors';

const now = Date.parse('2026-03-14T12:00:00Z');
const visit = (hoursAgo: number) => ({ started_at: new Date(now - hoursAgo * 3_600_000).toISOString() });

describe('what the first page of a list tells of all of it', () => {
  it('says how many there are, or at least how many', () => {
    expect(atLeast({ items: [1, 2], next_cursor: null })).toBe('2');
    expect(atLeast({ items: [1, 2], next_cursor: 'x' })).toBe('2+');
    expect(atLeast({ items: [], next_cursor: null })).toBe('0');
  });

  it.each([
    ['none', [], null, '0'],
    ['all of them, and no more', [1, 23], null, '2'],
    ['all of them, and perhaps more', [1, 23], 'x', '2+'],
    ['those of a day; what comes behind is older', [1, 25], 'x', '1'],
    ['none of a day', [24, 25], 'x', '0'],
  ])('counts what began within a day: %s', (_, hours, next_cursor, want) => {
    expect(recent({ items: hours.map(visit), next_cursor }, now)).toBe(want);
  });

  it('counts by severity, the gravest first', () => {
    const items = (['low', 'critical', 'low'] as const).map((severity) => ({ severity }));
    expect(bySeverity(items)).toEqual([
      ['critical', 1],
      ['low', 2],
    ]);
  });
});
