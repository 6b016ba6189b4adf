import { Circle } from 'lucide-react';
import { describe, expect, it } from 'vitest';
import { type Command, grouped, placeOf, search } from './search';

const command = (group: string, name: string, words = ''): Command => ({
  id: name,
  group,
  name,
  words,
  icon: Circle,
  run: () => {},
});
const all = [
  command('Go to', 'Overview', 'home'),
  command('Go to', 'Quarantine'),
  command('Appearance', 'Dark', 'theme night'),
  command('Go to', 'Users & keys', 'access'),
];
const names = (q: string) => search(all, q).map((c) => c.name);

describe('search', () => {
  it('shows everything for an empty query', () => expect(names(' ')).toHaveLength(4));
  it('ignores case and looks into other words', () => expect(names('THEME')).toEqual(['Dark']));
  it('wants every word', () => expect(names('go home')).toEqual(['Overview']));
  it('puts the name that begins with the query first', () => {
    const commands = [command('Go to', 'Old keys'), command('Go to', 'Keys')];
    expect(search(commands, 'keys').map((c) => c.name)).toEqual(['Keys', 'Old keys']);
  });
  it('finds nothing where there is nothing', () => expect(names('zzz')).toEqual([]));
});

it('groups by first appearance', () => {
  expect(grouped(all).map(([g, c]) => [g, c.length])).toEqual([
    ['Go to', 3],
    ['Appearance', 1],
  ]);
});

describe('placeOf', () => {
  it.each([
    [' 0199A1B2-c3d4-7e5f-8a6b-001122334455 ', '/quarantine/0199a1b2-c3d4-7e5f-8a6b-001122334455'],
    ['v1:4f1c:00aabbccddeeff', '/findings?fingerprint=v1%3A4f1c%3A00aabbccddeeff'],
    ['github-pat', '/quarantine?rule=github-pat'],
  ])('%s', (q, path) => expect(placeOf(q)?.path).toBe(path));
  it.each(['', 'a b', '../../etc', '<script>', '-x', 'ab'])('leads nowhere for %j', (q) =>
    expect(placeOf(q)).toBeNull(),
  );
});
