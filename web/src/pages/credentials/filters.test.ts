import { expect, it } from 'vitest';
import { filterOf, readView, writeView } from './filters';

it('asks for what the address says', () => {
  const view = { attacker: '203.0.113.9', decky: 'web-1', service: 'ssh', kind: 'plaintext', fingerprint: 'v1:k:f' };
  expect(readView(writeView(view, 'c1'))).toEqual(view);
  const { attacker, ...rest } = view;
  expect(filterOf(view)).toEqual({ ...rest, attacker_ip: attacker });
  expect(filterOf(readView('?secret=x&kind='))).toEqual({});
});
