import { expect, it } from 'vitest';
import { target } from './target';

it.each([
  [{ host: 'api.example.com', port: 443 }, 'api.example.com:443'],
  [{ host: '2001:db8::1', port: 443 }, '[2001:db8::1]:443'],
  [{ host: 'api.example.com', port: 0 }, 'api.example.com'],
])('writes %o', (d, want) => expect(target(d)).toBe(want));
