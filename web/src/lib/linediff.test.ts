import { describe, expect, it } from 'vitest';
import { around, lineDiff } from './linediff';

const show = (a: string, b: string) =>
  lineDiff(a, b)
    .map((l) => ({ same: ' ', removed: '-', added: '+' })[l.kind] + l.text)
    .join('|');

describe('lineDiff', () => {
  it('finds nothing in equal texts', () => expect(show('a\nb', 'a\nb')).toBe(' a| b'));
  it('finds a changed line', () => expect(show('a\nb\nc', 'a\nx\nc')).toBe(' a|-b|+x| c'));
  it('finds what was added and removed', () => expect(show('a\nb\nc\nd', 'b\nc\nx\nd')).toBe('-a| b| c|+x| d'));
  it('takes nothing for one empty line', () => expect(show('', 'a')).toBe('-|+a'));
  it('gives up on what is too long, and loses no line', () => {
    const many = (word: string) => Array.from({ length: 2_000 }, (_, i) => `${word}${i}`).join('\n');
    const got = lineDiff(`x\n${many('a')}`, `x\n${many('b')}`);
    expect(got).toHaveLength(4_001);
  });
  it('can be undone', () => {
    const [a, b] = ['one\ntwo\nthree\nfour', 'zero\ntwo\nfour\nfive'];
    const kept = (without: string) =>
      lineDiff(a, b)
        .filter((l) => l.kind !== without)
        .map((l) => l.text)
        .join('\n');
    expect(kept('added')).toBe(a);
    expect(kept('removed')).toBe(b);
  });
});

it('shows what is near a difference', () => {
  const a = 'abcdefghij'.split('').join('\n');
  const got = around(lineDiff(a, a.replace('e', 'E')), 1);
  expect(got.map((p) => (p.kind === 'gap' ? '…' : p.text)).join('')).toBe('…deEf…');
});
