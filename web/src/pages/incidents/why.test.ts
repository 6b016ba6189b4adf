import { expect, it } from 'vitest';
import { isAttackers, why } from './why';

const join = 'leaked_secret_in_use';
const sent = /a program sent it somewhere, or wanted to/;
const tried = /somebody tried it on a decky/;

it.each([
  ['a program sent it', ['egress', 'leak'], [sent], [tried]],
  ['it was tried on a decky', ['deception', 'leak'], [tried], [sent]],
  ['it was tried on a decky, and found below quarantine', ['deception'], [tried], [sent]],
  ['both', ['deception', 'egress', 'leak'], [sent, tried], []],
])('says what is true when %s', (_, sensors, yes, no) => {
  const words = why({ join, sensors }) ?? '';
  for (const w of yes) expect(words).toMatch(w);
  for (const w of no) expect(words).not.toMatch(w);
  expect(words).toMatch(/Revoke it first/);
});

it('says nothing of one sensor alone', () => {
  expect(why({ join: '', sensors: ['leak'] })).toBeNull();
});

it.each([
  ['planted_secret_seen', /only on a decky/],
  ['attacker_used_api_key', /Revoke the key first/],
  ['attackers_host_wanted', /an attacker named/],
  ['anomalous_attacker', /conspicuous/],
] as const)('says of %s what it means, and nothing of sending', (join, meaning) => {
  const words = why({ join, sensors: ['deception', 'egress'] }) ?? '';
  expect(words).toMatch(meaning);
  expect(words).not.toMatch(sent);
});

it('takes an address for an attacker only when a decky alone gave it', () => {
  expect(isAttackers({ sensors: ['deception', 'leak'] })).toBe(true);
  expect(isAttackers({ sensors: ['deception', 'egress'] })).toBe(false);
  expect(isAttackers({ sensors: ['leak'] })).toBe(false);
});
