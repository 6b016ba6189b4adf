import { describe, expect, it } from 'vitest';
import { cell, collect, heading, lines } from './csv';

describe('cell', () => {
  it.each([
    ['=HYPERLINK("http://evil.example","click")', `"'=HYPERLINK(""http://evil.example"",""click"")"`],
    ['+1', `"'+1"`],
    ['-2+3', `"'-2+3"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['  =1', `"'  =1"`],
    ['\t=1', `"' =1"`],
    ['\n=1', `"' =1"`],
    ['\uff1dcmd', `"'\uff1dcmd"`],
    ["|calc'!A0", `"'|calc'!A0"`],
    ['plain', '"plain"'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\r\nlines', '"two<CR> lines"'],
    ['\u001b[31mred', '"<ESC>[31mred"'],
    ['', '""'],
  ])('%j', (value, want) => expect(cell(value)).toBe(want));
  it('leaves numbers numbers, negative ones too', () => expect([cell(-3), cell(0.97)]).toEqual(['-3', '0.97']));
  it('has nothing for nothing', () => expect([cell(null), cell(undefined)]).toEqual(['""', '""']));
  it('never lets a cell begin as a formula, whatever stands before it', () => {
    for (const lead of ['', ' ', '\t', '\r', '\n', '\u00a0', '\ufeff', '\u200b', '\u0000'])
      for (const start of '=+-@') expect(cell(`${lead}${start}1`)).toMatch(/^"('|<)/u);
  });
});

it('makes lines as RFC 4180 asks', () => {
  const columns = [
    { name: 'rule', value: (r: { rule: string; n: number }) => r.rule },
    { name: 'n', value: (r: { rule: string; n: number }) => r.n },
  ];
  expect(heading(columns) + lines(columns, [{ rule: 'jwt', n: 2 }])).toBe('\ufeff"rule","n"\r\n"jwt",2\r\n');
});

describe('collect', () => {
  const columns = [{ name: 'n', value: (n: number) => n }];
  const pages = async (cursor?: string) => {
    const at = Number(cursor ?? 0);
    return { items: [at, at + 1], next_cursor: at < 6 ? String(at + 2) : null };
  };
  const text = async (bound: number) => {
    const got = await collect(columns, pages, bound, () => true);
    return [got?.parts.join('').split('\r\n').slice(1, -1).join(' '), got?.cut];
  };
  it('reads to the end', async () => expect(await text(100)).toEqual(['0 1 2 3 4 5 6 7', false]));
  it('stops at the bound and says so', async () => expect(await text(3)).toEqual(['0 1 2', true]));
  it('is not cut when the bound is the end', async () => expect(await text(8)).toEqual(['0 1 2 3 4 5 6 7', false]));
  it('gives nothing when told to stop', async () => expect(await collect(columns, pages, 100, () => false)).toBeNull());
  it('breaks off when a page fails', async () =>
    await expect(
      collect(
        columns,
        () => Promise.reject(new Error('gone')),
        9,
        () => true,
      ),
    ).rejects.toThrow('gone'));
});
