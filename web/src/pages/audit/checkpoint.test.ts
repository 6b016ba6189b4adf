import { expect, it } from 'vitest';
import { parseCheckpoint } from './checkpoint';

const good = { seq: 7, hash: 'aa', time: '2026-11-21T10:00:00Z', key_id: 'k', public_key: 'bb', signature: 'cc' };

it('reads what the button saves, and nothing beside it', () => {
  expect(parseCheckpoint(JSON.stringify({ ...good, more: 1 }))).toEqual(good);
});

it.each([
  '',
  'null',
  '[]',
  '{"seq":7}',
  JSON.stringify({ ...good, seq: '7' }),
  JSON.stringify({ ...good, signature: '' }),
  '-----BEGIN-----',
])('refuses %j', (text) => expect(() => parseCheckpoint(text)).toThrow(/not a checkpoint/));
