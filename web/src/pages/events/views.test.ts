import { expect, it } from 'vitest';
import catalogue from '../../../../docs/event-catalog.md?raw';
import { readView, topicsOf, writeView } from './filters';
import { nameOf, ofName, views } from './views';

it.each(views)('$name stands in the address, and is known again', ({ name }) => {
  const view = ofName({ subject: 'x', topic: ['other'] }, name);
  expect(nameOf(readView(writeView(view)))).toBe(name);
  expect(view.subject).toBe('x');
});

it('has no name for other topics', () => expect(nameOf({ topic: ['leak.>', 'x'] })).toBe(''));

it('asks for no topics that nothing is said of', () => {
  const known = [...catalogue.matchAll(/`([a-z_]+(?:\.[a-z_{}*]+)+)`/g)].map((m) => m[1] ?? '');
  for (const pattern of views.flatMap((v) => v.topics)) {
    const head = topicsOf(pattern)[0]?.split(/\.[*>]/)[0] ?? '';
    expect(
      known.some((t) => t === head || t.startsWith(`${head}.`)),
      pattern,
    ).toBe(true);
  }
});
