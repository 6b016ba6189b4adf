import { expect, it } from 'vitest';
import { readView, toggleSeverity, writeView } from './filters';

it('keeps the view in the address', () => {
  const view = { decky: 'web-1', service: 'ssh', severity: ['critical' as const, 'info' as const] };
  expect(writeView(view)).toBe('?decky=web-1&service=ssh&severity=critical&severity=info');
  expect(readView(writeView(view, 'row'))).toEqual(view);
  expect(readView('?severity=medium&severity=<b>&decky=')).toEqual({});
});

it('adds and removes a severity, in the order of their gravity', () => {
  const view = toggleSeverity(toggleSeverity({ decky: 'web-1' }, 'info'), 'critical');
  expect(view).toEqual({ decky: 'web-1', severity: ['critical', 'info'] });
  expect(toggleSeverity(toggleSeverity(view, 'critical'), 'info')).toEqual({ decky: 'web-1' });
});
