import { describe, expect, it } from 'vitest';
import { filterOf, readView, writeView } from './filters';

describe('the address', () => {
  it('goes there and back', () => {
    const view = { actor: 'ana & co', action: 'user.*', target: 'x/y', from: '2026-11-01', to: '2026-11-21' };
    expect(readView(writeView(view))).toEqual(view);
  });
  it('carries what is open', () => expect(writeView({ actor: 'ana' }, 7)).toBe('?actor=ana&open=7'));
  it('is empty for an empty filter', () => expect(writeView({ actor: '' })).toBe(''));
  it.each(['?from=yesterday', '?from=2026-13-40', '?to=<script>', '?color=red'])('ignores %s', (s) =>
    expect(readView(s)).toEqual({}),
  );
});

it('means whole local days', () => {
  const f = filterOf({ actor: 'ana', from: '2026-11-20', to: '2026-11-20' });
  expect(Date.parse(f.to ?? '') - Date.parse(f.from ?? '')).toBe(86_400_000 - 1);
  expect(f.actor).toBe('ana');
});
