import { expect, it } from 'vitest';
import { bytesOf, hexdump, textOf } from './bytes';

it('reads base64', () => {
  expect([...bytesOf('AP8K')]).toEqual([0, 0xff, 10]);
  expect([...bytesOf('')]).toEqual([]);
});

it.each([
  ['letters', [0x61, 0x62], 'ab'],
  ['nothing', [], ''],
  ['an escape sequence', [0x1b, 0x5b, 0x6d], '\u001b[m'],
  ['the replacement character itself', [0xef, 0xbf, 0xbd], '\ufffd'],
  ['a byte order mark, which stays', [0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
  ['a byte that is no UTF-8', [0x61, 0xff], null],
  ['half a character', [0xc3], null],
])('takes for text: %s', (_, bytes, text) => {
  expect(textOf(Uint8Array.from(bytes))).toBe(text);
});

it('dumps eight bytes a line', () => {
  const bytes = Uint8Array.from(['A', '<', 'b', '>', '\u007f', ' ', '~', '\n', '\u0000'], (c) => c.charCodeAt(0));
  expect(hexdump(bytes)).toBe(['0000  41 3c 62 3e 7f 20 7e 0a  A<b>. ~.', `0008  00${' '.repeat(21)}  .`].join('\n'));
  expect(hexdump(new Uint8Array())).toBe('');
});
