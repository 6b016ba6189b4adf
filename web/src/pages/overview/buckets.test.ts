import { describe, expect, it } from 'vitest';
import { bars, labelled, ticks } from './buckets';

const now = Date.parse('2026-11-20T12:30:00Z');

it('fills the hours without catches, up to the one that holds now', () => {
  const got = bars([{ start: '2026-11-20T11:00:00Z', severity: 'high', count: 3 }], '2026-11-20T08:00:00Z', 1, now);
  expect(got.map((b) => b.high)).toEqual([0, 0, 0, 3, 0]);
});

it('follows the width the server chose', () => {
  const got = bars([{ start: '2026-11-20T06:00:00Z', severity: 'low', count: 2 }], '2026-11-13T12:00:00Z', 6, now);
  expect(got).toHaveLength(29);
  expect(got.slice(-2).map((b) => b.low)).toEqual([2, 0]);
});

it('adds severities that share a bucket', () => {
  const start = '2026-11-20T12:00:00Z';
  const got = bars(
    [
      { start, severity: 'low', count: 1 },
      { start, severity: 'critical', count: 2 },
    ],
    start,
    1,
    now,
  );
  expect(got[0]).toMatchObject({ low: 1, critical: 2 });
});

it('drops what lies outside the period', () => {
  const got = bars([{ start: '2026-11-18T11:00:00Z', severity: 'low', count: 9 }], '2026-11-19T12:00:00Z', 1, now);
  expect(got.every((b) => b.low === 0)).toBe(true);
});

it('names a day by its UTC date, whatever the zone of the browser', () => {
  const got = bars([], '2026-11-18T00:00:00Z', 24, now);
  expect(got.map((b) => b.tick)).toEqual(['Nov 18', 'Nov 19', 'Nov 20']);
});

describe('ticks', () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [7, [0, 2, 4, 6, 8]],
    [41, [0, 20, 40, 60]],
    [100, [0, 50, 100]],
    [1_000_000, [0, 500_000, 1_000_000]],
  ])('covers %i with round whole numbers', (max, want) => expect(ticks(max)).toEqual(want));
});

describe('labelled', () => {
  const data = bars([], '2026-11-13T12:00:00Z', 6, now);
  it('labels each day once', () => {
    const marked = labelled(data, 40, 10).map((i) => data[i]?.tick);
    expect(new Set(marked).size).toBe(marked.length);
  });
  it('keeps labels apart', () => {
    const at = labelled(data, 10, 90);
    expect(at.every((x, i) => i === 0 || (x - (at[i - 1] ?? 0)) * 10 >= 90)).toBe(true);
  });
});
