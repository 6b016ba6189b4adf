import { expect, it } from 'vitest';
import type { Action } from '../../api/types';
import { undoing, verbsOf, whatOf, whyNot } from './words';

const action = (change: Partial<Action>): Action =>
  ({ kind: 'block', target: '203.0.113.9', minutes: 1440, message: '', state: 'done', ...change }) as Action;

it('says what is wanted', () => {
  expect(whatOf(action({}))).toBe('block 203.0.113.9 for 1 d');
  expect(whatOf(action({ minutes: 120 }))).toBe('block 203.0.113.9 for 2 h');
  expect(whatOf(action({ minutes: 90 }))).toBe('block 203.0.113.9 for 90 min');
  expect(whatOf(action({ kind: 'kill_switch' }))).toBe('turn the kill switch on');
  expect(whatOf(action({ kind: 'notify', message: 'look' }))).toBe('say: look');
  expect(whatOf(action({ kind: 'quarantine', target: `v1:5f2a9c01:${'a'.repeat(64)}` }))).toMatch(
    /^withhold secret v1:5f2a9c01:…?/,
  );
});

it('offers only what the server would do', () => {
  expect(verbsOf(action({ state: 'pending' }), 'responder')).toEqual(['approve', 'reject']);
  expect(verbsOf(action({ state: 'pending' }), 'viewer')).toEqual([]);
  expect(verbsOf(action({}), 'responder')).toEqual(['undo']);
  expect(verbsOf(action({ kind: 'notify' }), 'admin')).toEqual([]);
  expect(verbsOf(action({ kind: 'kill_switch' }), 'responder')).toEqual([]);
  expect(verbsOf(action({ kind: 'kill_switch' }), 'admin')).toEqual(['undo']);
  expect(verbsOf(action({ state: 'undone' }), 'admin')).toEqual([]);
});

it('says why something cannot be undone, and what undoing does', () => {
  expect(whyNot(action({ kind: 'notify' }), 'admin')).toMatch(/unsaid/);
  expect(whyNot(action({ kind: 'kill_switch' }), 'responder')).toMatch(/administrator/);
  expect(undoing(action({}))).toMatch(/203\.0\.113\.9 comes off the block list/);
  expect(undoing(action({ kind: 'quarantine' }))).toMatch(/gateways let the secret pass/);
  expect(undoing(action({ kind: 'quarantine_message' }))).toMatch(/let the message pass/);
  expect(whatOf(action({ kind: 'quarantine_message', target: 'm-1' }))).toBe('withhold message m-1');
  expect(undoing(action({ kind: 'kill_switch' }))).toMatch(/kill switch goes off/);
});
