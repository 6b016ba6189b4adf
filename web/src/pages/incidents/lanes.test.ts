import { describe, expect, it } from 'vitest';
import type { IncidentEntry } from '../../api/types';
import { lanesOf, spanOf } from './lanes';

const line = (at: string, sensor: string, kind: IncidentEntry['kind'] = 'detection') =>
  ({ at: `2026-03-14T${at}Z`, sensor, kind }) as IncidentEntry;

describe('the picture of a timeline', () => {
  const entries = [
    line('12:10:00', '', 'human'),
    line('12:05:00', 'egress', 'response'),
    line('12:04:00', '', 'response'),
    line('12:00:00', 'leak'),
    line('12:00:00', 'leak'),
  ];
  it('has a lane for each that saw something, and for people', () => {
    expect(lanesOf(entries)?.map((l) => [l.name, l.marks.map((m) => m.at)])).toEqual([
      ['leak', [0, 0]],
      ['egress', [0.5]],
      ['people', [1]],
      ['Cordon', [0.4]],
    ]);
  });
  it('is none of one moment', () => {
    expect(lanesOf([])).toBeNull();
    expect(lanesOf(entries.slice(0, 1))).toBeNull();
    expect(lanesOf(entries.slice(3))).toBeNull();
  });
  it('says how long it took', () => {
    expect(spanOf(entries)).toBe('10 min');
    expect(spanOf([line('12:00:00', 'leak'), line('12:01:40', 'leak')])).toBe('100 s');
    expect(spanOf([line('00:00:00', 'leak'), line('20:00:00', 'leak')])).toBe('20 h');
  });
});
