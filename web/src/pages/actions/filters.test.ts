import { expect, it } from 'vitest';
import { filterOf, readView, writeView } from './filters';

it('asks for what the address says', () => {
  const view = { state: 'pending', playbook: 'guessers' };
  expect(readView(writeView(view, 'a1'))).toEqual(view);
  expect(filterOf(view)).toEqual({ state: 'pending', playbook: 'guessers' });
});

it('ignores what it does not know', () => {
  expect(filterOf(readView('?state=maybe&order=size'))).toEqual({});
});
