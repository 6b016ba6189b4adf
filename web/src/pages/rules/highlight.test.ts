import { describe, expect, it } from 'vitest';
import { byteLength, pieces } from './highlight';

const show = (text: string, ...spans: [start: number, end: number][]) =>
  pieces(
    text,
    spans.map(([start, end]) => ({ start, end })),
  ).map((p) => (p.found ? `[${p.text}]` : p.text));

describe('pieces', () => {
  it('leaves text without a match whole', () => expect(show('abc')).toEqual(['abc']));
  it('marks a match', () => expect(show('key=abc end', [4, 7])).toEqual(['key=', '[abc]', ' end']));
  it('joins overlapping matches', () => expect(show('abcdef', [1, 4], [2, 5])).toEqual(['a', '[bcde]', 'f']));
  it('keeps matches that touch apart', () => expect(show('abcd', [0, 2], [2, 4])).toEqual(['[ab]', '[cd]']));
  it('sorts what comes unsorted', () => expect(show('abcd', [3, 4], [0, 1])).toEqual(['[a]', 'bc', '[d]']));
  it('cuts a match that runs beyond the text', () => expect(show('abc', [1, 99])).toEqual(['a', '[bc]']));
  it('ignores an empty match', () => expect(show('abc', [1, 1])).toEqual(['abc']));
  it('loses nothing', () => expect(show('ä🔑c\nd', [1, 3], [2, 4]).join('').replaceAll(/[[\]]/g, '')).toBe('ä🔑c\nd'));
});

it('measures text as it is sent', () => expect(byteLength('ä🔑')).toBe(6));
