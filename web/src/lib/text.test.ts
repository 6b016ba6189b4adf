import { describe, expect, it } from 'vitest';
import { evidence, line, plain, visible } from './text';

const shape = (s: string) => evidence(s).map((x) => `${x.kind}:${x.text}`);

describe('evidence', () => {
  it('marks the asterisks and the visible edges of a secret', () => {
    expect(shape('token=ghp_****9aB end')).toEqual([
      'text:token=',
      'edge:ghp_',
      'secret:****',
      'edge:9aB',
      'text: end',
    ]);
  });
  it('marks a short secret that is asterisks only', () => {
    expect(shape('pin ****')).toEqual(['text:pin ', 'secret:****']);
  });
  it('does not take a longer word before the asterisks for part of the secret', () => {
    expect(shape('password****')).toEqual(['text:password', 'secret:****']);
  });
  it('marks several secrets', () => {
    expect(shape('"AKIA****XYZ","****"').filter((s) => s.startsWith('secret'))).toHaveLength(2);
  });
  it('leaves text without a secret whole', () => {
    expect(shape('a ** b')).toEqual(['text:a ** b']);
  });
  it.each(['', '****', 'x****y\n****', '\u001b[31m****'])('loses nothing of %j', (s) => {
    const again = evidence(s)
      .map((x) => x.text)
      .join('');
    expect(again.replaceAll('<ESC>', '\u001b')).toBe(s);
  });
});

describe('line', () => {
  it('brings a late secret into sight', () =>
    expect(line(`${'x'.repeat(90)} token=ghp_****9aB`)).toBe(`…${'x'.repeat(17)} token=ghp_****9aB`));
  it('leaves an early one where it is', () => expect(line('a\n b ****')).toBe('a b ****'));
});

describe('visible', () => {
  it('shows an escape sequence instead of obeying it', () => {
    expect(visible('\u001b[2Jgone')[0]).toMatchObject({ kind: 'control', text: '<ESC>' });
  });
  it('names direction overrides and zero-width characters', () => {
    expect(plain('a\u202eb\u200bc')).toBe('a<U+202E>b<U+200B>c');
  });
  it('shows C1 controls and DEL', () => {
    expect(plain('\u009b\u007f')).toBe('<U+009B><DEL>');
  });
  it('keeps line feeds, tabs and markup as they are', () => {
    expect(plain('a\n\t<script>')).toBe('a\n\t<script>');
  });
});
