import { describe, expect, it } from 'vitest';
import type { Webhook } from '../../api/types';
import { blank, changed, draftFrom, made, topicsOf } from './draft';

const presets = [
  { name: 'Leaks', purpose: '', patterns: ['leak.message.*', 'egress.leak.blocked'] },
  { name: 'SystemStatus', purpose: '', patterns: ['system.>'] },
];
const hook = {
  id: 'soc',
  format: 'slack',
  topics: ['leak.message.*', 'egress.leak.blocked', 'leak.source.*.state'],
  presets: ['Leaks'],
  min_severity: 'high',
  min_confidence: 0.29,
  rules: ['jwt'],
  sources: [],
  allow_private: true,
  digest: '15m0s',
  quiet: ['22:00-07:00'],
  timezone: 'Europe/Berlin',
  urgent: 'high',
  template: '{{title}}',
  escalate: [{ after: '15m0s', to: 'oncall' }],
} as unknown as Webhook;

describe('draftFrom', () => {
  it('has a topic once: by its preset, or by itself', () =>
    expect(draftFrom(hook, presets)).toMatchObject({ presets: ['Leaks'], topics: ['leak.source.*.state'] }));
  it('loses nothing of what is stored', () =>
    expect(draftFrom(hook, presets)).toMatchObject({
      format: 'slack',
      min_severity: 'high',
      min_confidence: 29,
      rules: ['jwt'],
      allow_private: true,
    }));
  it('knows neither address nor secret', () => expect(draftFrom(hook, presets)).toMatchObject({ url: '', secret: '' }));
});

describe('changed', () => {
  it('leaves address and secret as they are when none is given', () => {
    const c = changed(draftFrom(hook, presets));
    expect([c.url, c.secret, c.new_secret]).toEqual([undefined, undefined, undefined]);
  });
  it('keeps what the form does not show', () => {
    const kept = {
      digest: '15m0s',
      quiet: ['22:00-07:00'],
      timezone: 'Europe/Berlin',
      urgent: 'high',
      escalate: [{ after: '15m', to: 'oncall' }],
    };
    expect(changed(draftFrom(hook, presets))).toMatchObject({ ...kept, template: undefined });
    expect(changed({ ...draftFrom(hook, presets), format: 'template' })).toMatchObject({
      ...kept,
      template: '{{title}}',
    });
  });
  it('sends what was typed', () =>
    expect(changed({ ...blank, url: ' https://a.example/x ', new_secret: true })).toMatchObject({
      url: 'https://a.example/x',
      new_secret: true,
    }));
});

it('a new webhook without a secret lets the server make one', () =>
  expect(made({ ...blank, id: 'a', url: 'https://a.example' }).secret).toBeUndefined());

it('tells topics in few words', () => expect(topicsOf(hook, presets)).toBe('Leaks, leak.source.*.state'));
