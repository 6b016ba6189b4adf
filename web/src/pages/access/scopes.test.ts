import { expect, it } from 'vitest';
import openapi from '../../../../docs/openapi.json?raw';
import { areas, described, toggle } from './scopes';

it('adds and takes away, in the order of the areas', () => {
  expect(toggle(toggle([], 'rules:write'), 'leak:read')).toEqual(['leak:read', 'rules:write']);
  expect(toggle(['leak:read', 'rules:write'], 'leak:read')).toEqual(['rules:write']);
});

it('says what a key may do', () => {
  expect(described('viewer', [])).toBe('all that viewer may');
  expect(described('admin', ['leak:read', 'node:write'])).toBe('leak:read, node:write');
});

// A tag of the API without an area here could not be given to a key.
it('knows every area of the API', () => {
  const document = JSON.parse(openapi);
  const operations = Object.values(document.paths).flatMap((p) => Object.values(p as object)) as { tags: string[] }[];
  const tags = new Set(operations.flatMap((o) => o.tags));
  tags.delete('session'); // one's own session needs no scope
  for (const a of areas) tags.delete(a.name);
  expect([...tags]).toEqual([]);
});
