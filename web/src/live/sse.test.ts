import { expect, it } from 'vitest';
import { Parser } from './sse';

const whole = 'id: 2026-11-20/7\nevent: leak.message.quarantined\ndata: {"a":1}\n\n';

it('reads a message', () => {
  expect(new Parser().feed(whole)).toEqual([
    { id: '2026-11-20/7', event: 'leak.message.quarantined', data: '{"a":1}' },
  ]);
});

it('reads the same however the bytes are cut', () => {
  for (let cut = 1; cut < whole.length; cut++) {
    const p = new Parser();
    expect([...p.feed(whole.slice(0, cut)), ...p.feed(whole.slice(cut))]).toHaveLength(1);
  }
});

it('joins data lines, ignores heartbeats, knows CRLF', () => {
  const got = new Parser().feed(': beat\r\n\r\ndata: a\r\ndata: b\r\n\r\n');
  expect(got).toEqual([{ id: '', event: 'message', data: 'a\nb' }]);
});

it('keeps the last id for a message without one, as the standard says', () => {
  const p = new Parser();
  p.feed('id: 1\ndata: x\n\n');
  expect(p.feed('data: y\n\n')[0]?.id).toBe('1');
});

it('does not deliver a message that is not finished', () => {
  expect(new Parser().feed('data: half\n')).toEqual([]);
});

it('knows its place before the first message, by heartbeats, and from the stream before', () => {
  const p = new Parser('2026-11-20/6');
  expect(p.place).toBe('2026-11-20/6');
  p.feed('retry: 2000\nid: 2026-11-20/7\n\n');
  expect(p.place).toBe('2026-11-20/7');
  p.feed(': still here\n\nid: 2026-11-20/9\n');
  expect(p.place, 'not before the block has ended').toBe('2026-11-20/7');
  p.feed('\n');
  expect(p.place).toBe('2026-11-20/9');
});
