import { describe, expect, it } from 'vitest';
import { allows } from './verdicts';

describe('the verdicts that allow', () => {
  const names = (program: string) => allows({ program }).map((c) => c.verdict);
  it('can be for one program when that is known', () => {
    expect(names('/usr/bin/curl')).toEqual(['allow_once', 'allow_host', 'allow_always']);
  });
  it('are for every program when it is not', () => {
    expect(names('')).toEqual(['allow_once', 'allow_always']);
  });
});
