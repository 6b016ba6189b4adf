import { describe, expect, it } from 'vitest';
import { filterOf, readView, writeView } from './filters';

describe('the view of first seen endpoints', () => {
  it('survives the address', () => {
    const view = { state: 'reviewed', host: 'a b.example', program: '/usr/bin/x&y' } as const;
    expect(readView(writeView(view))).toEqual(view);
    expect(writeView({}, 'e1')).toBe('?open=e1');
    expect(writeView({})).toBe('');
  });
  it('ignores what it does not know', () => {
    expect(readView('?state=nonsense&host=&x=1')).toEqual({});
  });
  it('asks for what waits unless something else is chosen', () => {
    expect(filterOf({})).toEqual({ state: 'new' });
    expect(filterOf({ state: 'all', host: 'h' })).toEqual({ host: 'h' });
    expect(filterOf({ state: 'reviewed' })).toEqual({ state: 'reviewed' });
  });
});
