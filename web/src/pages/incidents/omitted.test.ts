import { describe, expect, it } from 'vitest';
import { goneWords, omittedWords } from './omitted';

describe('lines that a timeline does not show', () => {
  it('are of a sensor, of Cordon or of people', () => {
    expect(omittedWords({ kind: 'response', sensor: 'egress' })).toBe('stopped by egress');
    expect(omittedWords({ kind: 'detection', sensor: 'leak' })).toBe('seen by leak');
    expect(omittedWords({ kind: 'response', sensor: '' })).toBe('done by Cordon');
    expect(omittedWords({ kind: 'human', sensor: '' })).toBe('done by people');
  });
  it('may be gone', () => {
    expect(goneWords({ times: 70, kept: 70 })).toBe('');
    expect(goneWords({ times: 4_812, kept: 800 })).toBe('; 4\u202f012 of them were only counted');
  });
});
