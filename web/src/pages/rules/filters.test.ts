import { describe, expect, it } from 'vitest';
import type { Rule } from '../../api/types';
import { narrow, readFilter, sorted, writeFilter } from './filters';

const rule = (id: string, change: Partial<Rule> = {}) =>
  ({
    id,
    description: '',
    secret_type: '',
    family: 'github',
    tags: [],
    severity: 'high',
    active: true,
    origin: 'builtin',
    hits_7d: 0,
    ...change,
  }) as unknown as Rule;
const rules = [
  rule('jwt', { severity: 'medium', hits_7d: 3, family: 'generic' }),
  rule('github-pat', { description: 'GitHub token', tags: ['vcs'], severity: 'critical' }),
  rule('acme', { origin: 'custom', active: false, hits_7d: 3 }),
];
const ids = (search: string) => narrow(rules, readFilter(search)).map((r) => r.id);

describe('the filter in the address', () => {
  it.each(['', '?text=a+b&severity=high&severity=info&active=false&origin=custom&family=github'])(
    '%j is read and written back',
    (s) => expect(writeFilter(readFilter(s))).toBe(s),
  );
  it('ignores what it does not know', () =>
    expect(writeFilter(readFilter('?origin=elsewhere&active=maybe&severity=worst'))).toBe(''));
});

describe('narrow', () => {
  it('finds words anywhere in the rule, in any case and order', () =>
    expect(ids('?text=VCS+token')).toEqual(['github-pat']));
  it('needs every word', () => expect(ids('?text=github+nothing')).toEqual([]));
  it('looks at state, origin, family and severity', () => {
    expect(ids('?active=false')).toEqual(['acme']);
    expect(ids('?origin=builtin')).toEqual(['jwt', 'github-pat']);
    expect(ids('?family=generic')).toEqual(['jwt']);
    expect(ids('?severity=critical&severity=medium')).toEqual(['jwt', 'github-pat']);
  });
});

describe('sorted', () => {
  const order = (by: Parameters<typeof sorted>[1]) => sorted(rules, by).map((r) => r.id);
  it('by name', () => expect(order('name')).toEqual(['acme', 'github-pat', 'jwt']));
  it('by severity, the worst first', () => expect(order('severity')).toEqual(['github-pat', 'acme', 'jwt']));
  it('by hits, equal ones by name', () => expect(order('hits')).toEqual(['acme', 'jwt', 'github-pat']));
});
