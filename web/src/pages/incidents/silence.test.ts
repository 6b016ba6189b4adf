import { expect, it } from 'vitest';
import type { Incident } from '../../api/types';
import { aboutsOf, draftOf, scopeOf } from './silence';

const incident = (fingerprint: string, rule: string) => ({ fingerprint, rule }) as Incident;

it('is about the secret for 90 days, unless somebody says otherwise', () => {
  const i = incident('v1:k:a', 'github-pat');
  expect(draftOf(i)).toEqual({ about: 'secret', days: 90, max: 'high' });
  expect(scopeOf(i, draftOf(i))).toMatchObject({ fingerprints: ['v1:k:a'], max_severity: 'high' });
  expect(scopeOf(i, { ...draftOf(i), about: 'rule' })).toMatchObject({ rules: ['github-pat'] });
  expect(scopeOf(i, { ...draftOf(i), about: 'rule' })).not.toHaveProperty('fingerprints');
});

it('offers what the incident has', () => {
  expect(aboutsOf(incident('', 'jwt')).map((a) => a.value)).toEqual(['rule']);
  expect(aboutsOf(incident('', ''))).toEqual([]);
});
