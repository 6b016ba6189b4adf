import { expect, it } from 'vitest';
import type { Decky } from '../../api/types';
import { tryDecky, tryGateway } from './tries';

const decky = (kind: string, listening: boolean) =>
  ({ address: '127.0.0.1', services: [{ kind, port: 8422, listening }] }) as Decky;

it('names doors that are open, and no others', () => {
  expect(tryDecky([decky('redis', true), decky('ssh', false), decky('ssh', true)])).toBe('ssh -p 8422 root@127.0.0.1');
  expect(tryDecky([decky('ssh', false)])).toBeNull();
  expect(tryDecky([])).toBeNull();
  expect(tryGateway('127.0.0.1:8421')).toBe('curl --proxy http://127.0.0.1:8421 http://example.com/');
  expect(tryGateway('')).toBeNull();
});
