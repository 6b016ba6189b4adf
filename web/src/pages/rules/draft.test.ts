import { describe, expect, it } from 'vitest';
import type { LoadedRule } from '../../api/rules';
import { blank, difference, draftFrom, made, tried } from './draft';

const rule = {
  id: 'acme',
  origin: 'custom',
  description: 'Acme key',
  regex: 'acme_[0-9]{20}',
  severity: 'high',
  confidence: 0.29,
  keywords: ['acme_'],
  entropy: 3,
  secret_type: 'ACME',
  tags: ['ci'],
  recommendation: '',
  secret_group: 2,
  allowlist: { stopwords: ['example'] },
} as unknown as LoadedRule;
const builtin = { ...rule, origin: 'builtin' } as LoadedRule;

describe('difference', () => {
  it('is nothing for an untouched form, rounding included', () =>
    expect(difference(rule, draftFrom(rule))).toEqual({}));
  it('is only what was touched', () =>
    expect(difference(rule, { ...draftFrom(rule), severity: 'low', tags: ['ci', 'eu'] })).toEqual({
      severity: 'low',
      tags: ['ci', 'eu'],
    }));
  it('has confidence as the API counts it', () =>
    expect(difference(rule, { ...draftFrom(rule), confidence: 70 })).toEqual({ confidence: 0.7 }));
  it('states the keywords again with another regex, lest the server drops them', () =>
    expect(difference(rule, { ...draftFrom(rule), regex: 'b' })).toEqual({ regex: 'b', keywords: ['acme_'] }));
  it('leaves alone what of a builtin rule cannot be changed', () =>
    expect(difference(builtin, { ...draftFrom(builtin), regex: 'x', description: 'y', tags: [] })).toEqual({
      regex: 'x',
    }));
});

describe('tried', () => {
  it('keeps what no form shows, so that the try is the rule', () =>
    expect(tried(draftFrom(rule), rule)).toMatchObject({ secret_group: 2, allowlist: { stopwords: ['example'] } }));
  it('drops the group of another regex', () =>
    expect(tried({ ...draftFrom(rule), regex: 'b' }, rule)).not.toHaveProperty('secret_group'));
  it('drops the keywords of a builtin rule with another regex, as the server does', () => {
    expect(tried({ ...draftFrom(builtin), regex: 'b' }, builtin)).not.toHaveProperty('keywords');
    expect(tried(draftFrom(builtin), builtin)).toMatchObject({ keywords: ['acme_'] });
  });
  it('leaves out empty keywords, which the server finds in the regex', () =>
    expect(tried({ ...blank, regex: 'a' })).not.toHaveProperty('keywords'));
});

it('makes a rule with an example a line', () =>
  expect(made({ ...blank, id: ' a ', regex: 'a', positives: 'one\n\ntwo\n' })).toMatchObject({
    id: 'a',
    positives: ['one', 'two'],
    negatives: [],
  }));
