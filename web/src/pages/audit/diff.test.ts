import { describe, expect, it } from 'vitest';
import { diff } from './diff';

describe('diff', () => {
  it('tells added, removed, changed and same fields apart', () => {
    expect(diff({ role: 'viewer', gone: 1, same: true }, { role: 'admin', same: true, fresh: '' })).toEqual([
      { path: 'role', kind: 'changed', before: 'viewer', after: 'admin' },
      { path: 'gone', kind: 'removed', before: '1' },
      { path: 'same', kind: 'same', before: 'true', after: 'true' },
      { path: 'fresh', kind: 'added', after: '""' },
    ]);
  });
  it('follows nested objects and lists', () => {
    expect(diff({ f: { rules: ['a', 'b'] } }, { f: { rules: ['a', 'c'] } }).filter((c) => c.kind !== 'same')).toEqual([
      { path: 'f.rules[1]', kind: 'changed', before: 'b', after: 'c' },
    ]);
  });
  it('sees null become a value, and an empty list fill', () => {
    expect(diff({ a: null, b: [] }, { a: 1, b: [2] }).map((c) => [c.path, c.kind])).toEqual([
      ['a', 'changed'],
      ['b', 'removed'],
      ['b[0]', 'added'],
    ]);
  });
  it('takes nothing on either side', () => {
    expect(diff(null, { a: 1 })).toEqual([{ path: 'a', kind: 'added', after: '1' }]);
    expect(diff(null, undefined)).toEqual([]);
  });
  it('shows a value that is no object', () => {
    expect(diff('on', 'off')).toEqual([{ path: '', kind: 'changed', before: 'on', after: 'off' }]);
  });
  it('stays bounded, in width and in depth', () => {
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i]));
    expect(diff(null, wide)).toHaveLength(400);
    let deep: unknown = 1;
    for (let i = 0; i < 500; i++) deep = { d: deep };
    expect(diff(deep, deep)).toHaveLength(1);
  });
});
