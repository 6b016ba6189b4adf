import { expect, it } from 'vitest';
import { filterOf, localOf, readView, topicsOf, utcOf, type View, writeView } from './filters';

const view: View = {
  topic: ['leak.>', 'decky.*.state'],
  severity: ['critical', 'info'],
  since: '2026-03-14T12:00Z',
  until: '2026-03-15T00:30Z',
  subject: 'GITHUB & "co"',
  cause: 'c-1',
};

it('survives the address', () => {
  expect(readView(writeView(view, 'e1'))).toEqual(view);
  expect(writeView({}, 'e1')).toBe('?open=e1');
  expect(writeView({})).toBe('');
});

it('ignores what it does not know', () => {
  expect(readView('?severity=worst&since=yesterday&until=2026-13-01T00:00Z&subject=&topic=&cause=&other=1')).toEqual(
    {},
  );
});

it('asks for what the address says', () => {
  const { cause, ...rest } = view;
  expect(filterOf(view)).toEqual({ ...rest, correlation_id: cause });
  expect(filterOf({})).toEqual({});
});

it('takes several topics from one line, each once, and no more than the server does', () => {
  expect(topicsOf('  leak.> , egress.*.x\tleak.> ')).toEqual(['leak.>', 'egress.*.x']);
  expect(topicsOf(' , ')).toEqual([]);
  expect(topicsOf(Array.from({ length: 99 }, (_, i) => `t${i}`).join(' '))).toHaveLength(16);
});

it('shows a time where the reader is, and keeps it for everybody', () => {
  expect(utcOf(localOf('2026-03-14T12:00Z'))).toBe('2026-03-14T12:00Z');
  expect(localOf(undefined)).toBe('');
  expect(utcOf('')).toBeUndefined();
  expect(utcOf('nonsense')).toBeUndefined();
});
