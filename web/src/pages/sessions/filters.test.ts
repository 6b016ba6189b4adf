import { expect, it } from 'vitest';
import { filterOf, readView, writeView } from './filters';

it('asks for what the address says', () => {
  const view = { decky: 'web-1', service: 'ssh', attacker: '203.0.113.9', recorded: 'true' };
  expect(readView(writeView(view))).toEqual(view);
  expect(filterOf(view)).toEqual({ decky: 'web-1', service: 'ssh', attacker_ip: '203.0.113.9', recorded: true });
  expect(filterOf({ recorded: 'no' })).toEqual({});
});
