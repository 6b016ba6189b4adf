import { expect, it } from 'vitest';
import type { Check } from '../../api/types';
import { groups, tally } from './groups';

const check = (kind: string, name: string, status: Check['status'] = 'ok'): Check => ({
  kind,
  name,
  status,
  detail: '',
  since: '2026-11-21T10:00:00Z',
});
const all = [
  check('database', 'database'),
  check('disk', 'disk'),
  check('egress', 'egress gateway'),
  check('hypercore', 'chat'),
  check('bzzz', 'builds', 'degraded'),
  check('worker', 'leak-chat'),
  check('worker', 'notify', 'failing'),
  check('carrier-pigeon', 'coop'),
];

it('puts kinds together and what ails first', () => {
  expect(groups(all).map((g) => [g.title, g.checks.map((c) => c.name)])).toEqual([
    ['Sources', ['builds', 'chat', 'coop']],
    ['Egress', ['egress gateway']],
    ['Platform', ['database', 'disk']],
    ['Workers', ['notify', 'leak-chat']],
  ]);
});

it('loses no check', () => expect(groups(all).flatMap((g) => g.checks)).toHaveLength(all.length));

it('counts, worst first', () => {
  expect(tally(all)).toBe('1 failing, 1 degraded, 6 ok');
  expect(tally([])).toBe('');
});
