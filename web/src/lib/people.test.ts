import { expect, it } from 'vitest';
import { personOf } from './people';

it.each([
  ['ana', 'ana'],
  ['api-key:firewall', 'API key firewall'],
  ['api-key:a:b', 'API key a:b'],
  ['local:root', "root on the server's machine"],
  ['system:respond', 'Cordon'],
  ['other:x', 'other:x'],
  ['', ''],
])('%j is said as %j', (by, want) => expect(personOf(by)).toBe(want));
