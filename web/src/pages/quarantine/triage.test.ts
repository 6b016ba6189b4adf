import { describe, expect, it } from 'vitest';
import { command, type View } from './triage';

const view: View = { cursor: 1, count: 3, open: false, help: false, canReview: true };

describe('moving', () => {
  it.each([
    ['j', 1, 2],
    ['ArrowDown', 1, 2],
    ['j', 2, 2], // stays on the last
    ['j', -1, 0], // the first press chooses the first row
    ['k', 1, 0],
    ['k', 0, 0],
    ['k', -1, 0],
    ['g', 2, 0],
    ['G', 0, 2],
  ])('%s from %i goes to %i', (key, cursor, to) =>
    expect(command(key, { ...view, cursor })).toEqual({ do: 'move', to }),
  );
  it('does nothing in an empty list', () => expect(command('j', { ...view, count: 0, cursor: -1 })).toBeNull());
  it('works while the drawer is open', () =>
    expect(command('j', { ...view, open: true })).toEqual({ do: 'move', to: 2 }));
});

describe('reviewing', () => {
  it.each([
    ['a', 'confirmed'],
    ['r', 'false_positive'],
    ['i', 'uncertain'],
    ['u', 'uncertain'],
  ])('%s is %s', (key, action) => expect(command(key, view)).toEqual({ do: 'review', action }));
  it('is not for viewers', () => expect(command('a', { ...view, canReview: false })).toBeNull());
  it('needs a chosen row', () => expect(command('a', { ...view, cursor: -1 })).toBeNull());
  it('judges an open entry that is not in the list', () =>
    expect(command('a', { ...view, cursor: -1, count: 0, open: true })).toEqual({ do: 'review', action: 'confirmed' }));
  it('ignores capitals, so that caps lock cannot judge', () => expect(command('A', view)).toBeNull());
});

describe('opening and closing', () => {
  it('Enter opens the chosen row', () => expect(command('Enter', view)).toEqual({ do: 'open' }));
  it('Escape closes the drawer', () => expect(command('Escape', { ...view, open: true })).toEqual({ do: 'close' }));
  it('Escape means nothing when nothing is open', () => expect(command('Escape', view)).toBeNull());
  it('the help takes every key until it is closed', () => {
    const help = { ...view, help: true };
    expect(command('a', help)).toBeNull();
    expect(command('j', help)).toBeNull();
    expect(command('Escape', help)).toEqual({ do: 'closeHelp' });
    expect(command('?', help)).toEqual({ do: 'closeHelp' });
  });
  it('the slash goes to the filter even in an empty list', () =>
    expect(command('/', { ...view, count: 0, cursor: -1 })).toEqual({ do: 'filter' }));
});

describe('going back', () => {
  it('z works with no row chosen, since the judged one may have left the list', () =>
    expect(command('z', { ...view, cursor: -1, count: 0 })).toEqual({ do: 'undo' }));
  it('is not for viewers', () => expect(command('z', { ...view, canReview: false })).toBeNull());
});
