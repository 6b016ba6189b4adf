import { expect, it } from 'vitest';
import { filterOf, readView, writeView } from './filters';

it('asks for what the address says', () => {
  const view = { min: '3', fingerprint: 'v1:k:f' };
  expect(readView(writeView(view, 'r1'))).toEqual(view);
  expect(filterOf(view)).toEqual({ min_targets: 3, fingerprint: 'v1:k:f' });
});

it('ignores what it does not know', () => {
  expect(filterOf(readView('?min=4&order=size'))).toEqual({});
});
