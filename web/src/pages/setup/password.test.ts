import { describe, expect, it } from 'vitest';
import { namePattern, rules, strength } from './password';

describe('strength', () => {
  it.each([
    ['', ''],
    ['aaaaaaaaaaaaaaaa', 'weak'],
    ['1234567890', 'weak'],
    ['password1', 'fair'],
    ['correct horse battery staple', 'strong'],
  ])('%j is %j', (p, word) => expect(strength(p).word).toBe(word));
});

describe('rules', () => {
  it('counts bytes, as the server does', () => expect(rules('a', 'ééééé')[0]?.met).toBe(true));
  it('refuses the name in any case', () => expect(rules('administrator', 'Administrator')[1]?.met).toBe(false));
});

it.each([
  ['ana', true],
  ['0a.b_c-d', true],
  ['Ana', false],
  ['-ana', false],
  ['a b', false],
  ['', false],
])('name %j allowed: %s', (name, ok) => expect(namePattern.test(name)).toBe(ok));
