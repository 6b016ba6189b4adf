import { expect, it } from 'vitest';
import { filterOf, readView, type View, writeView } from './filters';

const view: View = { state: 'on', kind: 'brute_force', by: 'ip', key: '2001:db8::/64', severity: ['critical', 'low'] };

it('survives the address', () => {
  expect(readView(writeView(view, 'a1'))).toEqual(view);
  expect(writeView({}, 'a1')).toBe('?open=a1');
});

it('ignores what it does not know', () => {
  expect(readView('?state=open&kind=A+B&by=y&key=&severity=info&other=1')).toEqual({});
});

it('narrows to the kind of a rule', () => {
  expect(readView('?kind=vpn_guessing')).toEqual({ kind: 'vpn_guessing' });
});

it('asks for what the address says', () => {
  expect(filterOf({})).toEqual({});
  expect(filterOf({ state: 'over' })).toEqual({ open: false });
  expect(filterOf(view)).toEqual({
    open: true,
    kind: ['brute_force'],
    key_kind: 'ip',
    key: '2001:db8::/64',
    severity: ['critical', 'low'],
  });
});
