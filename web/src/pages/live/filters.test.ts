import { expect, it } from 'vitest';
import { readView, writeView } from './filters';

it('keeps the view in the address', () => {
  const view = { decky: 'web-1', service: 'ssh', severity: ['critical' as const, 'info' as const] };
  expect(writeView(view)).toBe('?decky=web-1&service=ssh&severity=critical&severity=info');
  expect(readView(writeView(view, 'row'))).toEqual(view);
  expect(readView('?severity=medium&severity=<b>&decky=')).toEqual({});
});
