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
