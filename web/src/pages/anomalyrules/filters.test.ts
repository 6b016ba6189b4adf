import { describe, expect, it } from 'vitest';
import type { AnomalyRule } from '../../api/types';
import { addressOf, fromOf, narrow, noFilter, readFilter, ruleAt, stateOf, writeFilter } from './filters';

const rule = (id: string, more: Partial<AnomalyRule> = {}): AnomalyRule => ({
  id,
  description: '',
  on: ['auth_failed'],
  steps: [{ on: ['auth_failed'], when: 'attributes.service == "vpn"', count: 1 }],
  by: 'ip',
  form: 'threshold',
  words: '5 auth_failed from one address within 10 minutes',
  count: 5,
  window_seconds: 600,
  cooldown_seconds: 600,
  severity: 'high',
  cost: 12,
  origin: 'custom',
  from: '',
  enabled: true,
  problem: '',
  opened: 0,
  last_opened_at: null,
  updated_at: null,
  updated_by: null,
  ...more,
});

describe('the address of a rule', () => {
  const twins = [rule('ours', { origin: 'file' }), rule('ours'), rule('loud', { origin: 'file' })] as const;
  it('tells a rule of a file from an operator’s of the same id', () =>
    expect(twins.map((r) => addressOf(r, [...twins]))).toEqual(['file~ours', 'ours', 'loud']));
  it('is read as it is written', () =>
    expect(twins.map((r) => ruleAt(addressOf(r, [...twins])))).toEqual([
      { id: 'ours', origin: 'file' },
      { id: 'ours' },
      { id: 'loud' },
    ]));
});

describe('the filter of anomaly rules', () => {
  it('is written as it is read', () => {
    for (const search of ['', '?text=vpn&severity=high&state=problem&origin=file', '?severity=critical&severity=low'])
      expect(writeFilter(readFilter(search))).toBe(search);
    expect(readFilter('?state=odd&origin=moon&severity=info')).toEqual(noFilter);
  });
  it('finds words anywhere in a rule', () => {
    const all = [rule('vpn'), rule('paths', { on: ['http_request'], steps: [], words: 'many' })];
    expect(narrow(all, { ...noFilter, text: 'service VPN' }).map((r) => r.id)).toEqual(['vpn']);
    expect(narrow(all, { ...noFilter, text: 'http_request' }).map((r) => r.id)).toEqual(['paths']);
  });
  it('tells those that cannot run from those that are off', () => {
    const all = [rule('a'), rule('b', { enabled: false }), rule('c', { problem: 'too dear' })];
    expect(all.map(stateOf)).toEqual(['on', 'off', 'problem']);
    expect(narrow(all, { ...noFilter, state: 'problem' }).map((r) => r.id)).toEqual(['c']);
    expect(narrow(all, { ...noFilter, origin: 'file' })).toEqual([]);
  });
  it('names the file', () => {
    expect(fromOf(rule('a', { from: '/etc/cordon/rules.yaml' }))).toBe('rules.yaml');
    expect(fromOf(rule('a'))).toBe('made here');
  });
});
