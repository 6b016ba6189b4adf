import { describe, expect, it } from 'vitest';
import { type ListView, listCommand } from './listKeys';

const view: ListView = { cursor: 0, count: 3, open: false, help: false };

describe('listCommand', () => {
  it.each([
    ['j', view, { do: 'move', to: 1 }],
    ['j', { ...view, cursor: 2 }, { do: 'move', to: 2 }],
    ['k', view, { do: 'move', to: 0 }],
    ['G', view, { do: 'move', to: 2 }],
    ['j', { ...view, count: 0, cursor: -1 }, null],
    ['Enter', view, { do: 'open' }],
    ['Enter', { ...view, cursor: -1 }, null],
    ['Enter', { ...view, open: true }, null],
    ['Escape', view, null],
    ['Escape', { ...view, open: true }, { do: 'close' }],
    ['?', view, { do: 'help' }],
    ['j', { ...view, help: true }, null],
    ['Escape', { ...view, help: true, open: true }, { do: 'closeHelp' }],
    ['x', view, null],
  ] as const)('%s', (key, v, want) => expect(listCommand(key, v)).toEqual(want));
});
