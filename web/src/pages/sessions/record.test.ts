import { describe, expect, it } from 'vitest';
import { advance, clock, framesUntil, placeOf, readRecord } from './record';

const head = '{"version":2,"width":80,"height":24,"timestamp":1700000000}';
const record = readRecord([head, '[0.5, "o", "a"]', '[1.5, "o", "b"]', '[60, "o", "c"]', '[61, "o", "d"]']);

describe('a record', () => {
  it('has a size, a beginning and frames', () => {
    const r = readRecord([head, '[0, "o", "$ "]', '[1, "i", "typed"]', '[2, "r", "100x30"]']);
    expect(r).toEqual({
      cols: 80,
      rows: 24,
      began: 1_700_000_000,
      frames: [
        { at: 0, kind: 'output', text: '$ ' },
        { at: 2, kind: 'size', cols: 100, rows: 30 },
      ],
    });
  });
  it('leaves out what is malformed', () => {
    const bad = ['', '{', 'null', '[1]', '["x", "o", "y"]', '[1, "o", 7]', '[1, "r", "x"]', '[1, "r", "-1x0"]'];
    expect(readRecord([head, ...bad]).frames).toEqual([]);
    expect(readRecord(['nonsense'])).toEqual({ cols: 80, rows: 24, began: null, frames: [] });
    expect(readRecord([])).toEqual({ cols: 80, rows: 24, began: null, frames: [] });
  });
  it('bounds a size that nobody has', () => {
    const r = readRecord(['{"width":1e9,"height":1e9}', '[1, "r", "999999x999999"]']);
    expect(r).toMatchObject({ cols: 400, rows: 120, frames: [{ cols: 400, rows: 120 }] });
  });
  it('never runs backwards', () => {
    const r = readRecord([head, '[5, "o", "a"]', '[3, "o", "b"]', '[-1, "o", "c"]']);
    expect(r.frames.map((f) => f.at)).toEqual([5, 5, 5]);
  });
});

describe('playing', () => {
  it('knows which frames have come', () => {
    expect([0, 0.5, 1.4, 60, 99].map((at) => framesUntil(record.frames, at))).toEqual([0, 1, 1, 3, 4]);
  });
  it('goes on in time, to the end and no further', () => {
    expect(advance(record.frames, 0, 0.25, true)).toBe(0.25);
    expect(advance(record.frames, 60.5, 10, true)).toBe(61);
    expect(advance([], 0, 1, true)).toBe(0);
  });
  it('makes pauses short, unless they are wanted', () => {
    expect(advance(record.frames, 1.5, 0.5, true)).toBe(58.5);
    expect(advance(record.frames, 1.5, 0.5, false)).toBe(2);
  });
  it('finds the place of a command a second early, within the record', () => {
    const at = (seconds: number) => placeOf(record, new Date((1_700_000_000 + seconds) * 1000).toISOString());
    expect([at(-5), at(0.4), at(31), at(500)]).toEqual([0, 0, 30, 61]);
    expect(placeOf(record, 'never')).toBe(null);
    expect(placeOf({ ...record, began: null }, '2026-01-01T00:00:00Z')).toBe(null);
  });
  it('says the time as players do', () => {
    expect([0, 65.9, 3725].map(clock)).toEqual(['0:00', '1:05', '1:02:05']);
  });
});
