import { expect, it } from 'vitest';
import { isAttackers } from './why';

it('takes an address for an attacker only when a decky alone gave it', () => {
  expect(isAttackers({ sensors: ['deception', 'leak'] })).toBe(true);
  expect(isAttackers({ sensors: ['deception', 'egress'] })).toBe(false);
  expect(isAttackers({ sensors: ['leak'] })).toBe(false);
});
