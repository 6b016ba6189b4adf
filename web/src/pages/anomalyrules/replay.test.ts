import { describe, expect, it } from 'vitest';
import type { AnomalyTry, AnomalyTryOutcome } from '../../api/types';
import { cautions, lanes, lineOf, placeOf, sinceOf, spoken, verdict } from './replay';

const outcome = (more: Partial<AnomalyTryOutcome> = {}): AnomalyTryOutcome => ({
  words: '5 auth_failed from one address within 10 minutes',
  runs: true,
  form: 'threshold',
  threshold: 5,
  window_seconds: 600,
  matched: 9,
  keyless: 0,
  unjudged: false,
  already: 0,
  opened: 1,
  episodes: [],
  bucket_seconds: 60,
  buckets: [
    { at: '2026-03-14T12:00:00Z', matched: 3, peak: 3 },
    { at: '2026-03-14T12:01:00Z', matched: 6, peak: 6 },
  ],
  ...more,
});

const tried = (more: Partial<AnomalyTry> = {}): AnomalyTry => ({
  rule: 'vpn',
  from: '2026-03-14T12:00:00Z',
  to: '2026-03-14T13:00:00Z',
  records: 40,
  cut: '',
  cold: false,
  draft: outcome({ episodes: [] }),
  ...more,
});

describe('what a replay came to', () => {
  it('is compared with the rule as it stands', () => {
    expect(verdict(tried())).toBe('1 anomaly with this.');
    expect(verdict(tried({ now: outcome({ opened: 3 }), draft: outcome({ opened: 11 }) }))).toBe(
      '3 anomalies as the rule stands, 11 with this.',
    );
    expect(verdict(tried({ now: outcome() }), true)).toBe('1 anomaly would have opened.');
    expect(verdict(tried({ now: outcome({ opened: 0, runs: false }) }))).toContain('(it does not run)');
  });
  it('says what was left out', () => {
    const all = cautions(tried({ cut: 'records', draft: outcome({ keyless: 1, unjudged: true, opened: 300 }) }));
    expect(all).toHaveLength(4);
    expect(all[0]).toContain('too many records');
    expect(cautions(tried({ draft: outcome({ opened: 0 }) }))).toEqual([]);
  });
  it('says what was before the stretch', () => {
    expect(cautions(tried({ cold: true, draft: outcome({ opened: 0, already: 2 }) }))).toEqual([
      'There was too much to read just before the stretch: its first window may be counted short.',
      '2 anomalies had opened before the stretch and went on: not counted here.',
    ]);
  });
  it('is said in words', () => {
    const text = spoken(tried(), outcome());
    expect(text).toContain('9 records matched; the most records of one key within the window were 6');
    expect(text).toContain('5 open an anomaly: 1 would have opened.');
    expect(spoken(tried(), outcome({ matched: 0, buckets: [] }))).toContain('no record matched');
  });
});

describe('the drawing', () => {
  it('places times in the stretch', () => {
    const place = (at: string) => placeOf(at, '2026-03-14T12:00:00Z', '2026-03-14T14:00:00Z');
    expect(place('2026-03-14T13:00:00Z')).toBe(0.5);
    expect(place('2026-03-14T15:00:00Z')).toBe(1);
    expect(placeOf('2026-03-14T13:00:00Z', '2026-03-14T13:00:00Z', '2026-03-14T13:00:00Z')).toBe(0);
  });
  it('keeps bars apart that overlap, and counts those without a lane', () => {
    const bars = [
      { from: 0, to: 10 },
      { from: 5, to: 8 },
      { from: 9, to: 12 },
      { from: 9, to: 12 },
    ];
    const { laid, left } = lanes(bars, 2);
    expect(laid.map((b) => b.lane)).toEqual([0, 1, 1]);
    expect(left).toBe(1);
  });
});

it('finds the line that a mistake names', () => {
  expect(lineOf('line 12: unknown field')).toBe(12);
  expect(lineOf('its id is taken')).toBe(1);
});

it('asks for no more than seven days', () => {
  const now = Date.UTC(2026, 2, 14);
  expect(now - new Date(sinceOf(168, now)).getTime()).toBeLessThan(168 * 3_600_000);
});
