import { expect, it } from 'vitest';
import { filterOf, readView, writeView } from './filters';

it('asks for what the address says', () => {
  const view = { order: 'score', min: '50' };
  expect(readView(writeView(view, 'a1'))).toEqual(view);
  expect(filterOf(view)).toEqual({ order: 'score', min_score: 50 });
});

it('ignores what it does not know', () => {
  expect(filterOf(readView('?order=size&min=101'))).toEqual({});
});
