import { expect, it } from 'vitest';
import { safeNext } from './next';

it.each([
  [null, '/'],
  ['/quarantine?severity=high', '/quarantine?severity=high'],
  ['https://evil.example/', '/'],
  ['//evil.example/', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/login?next=/login', '/'],
])('%j leads to %s', (wanted, want) => expect(safeNext(wanted)).toBe(want));
