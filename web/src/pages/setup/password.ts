/** The rules the server enforces, checked while typing, and a hint of strength. */
export const shortest = 10;
export const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

export type Rule = { text: string; met: boolean };

export function rules(name: string, password: string): Rule[] {
  return [
    { text: `At least ${shortest} characters`, met: new TextEncoder().encode(password).length >= shortest },
    { text: 'Not your name', met: password !== '' && password.toLowerCase() !== name.toLowerCase() },
  ];
}

export type Strength = { score: 0 | 1 | 2 | 3 | 4; word: string };

const words = ['', 'weak', 'fair', 'good', 'strong'];

/**
 * A rough estimate in bits: length times the size of the alphabet in use,
 * where repeats and runs such as "aaa" or "1234" count for little.
 */
export function strength(password: string): Strength {
  const bits = effectiveLength(password) * Math.log2(alphabet(password));
  const score = password === '' ? 0 : bits < 40 ? 1 : bits < 60 ? 2 : bits < 80 ? 3 : 4;
  return { score, word: words[score] ?? '' };
}

function effectiveLength(p: string): number {
  let n = 0;
  for (let i = 0; i < p.length; i++) {
    const step = i === 0 ? Number.NaN : p.charCodeAt(i) - p.charCodeAt(i - 1);
    n += Math.abs(step) <= 1 ? 0.25 : 1;
  }
  return Math.min(n, new Set(p).size * 2);
}

function alphabet(p: string): number {
  const sets: [RegExp, number][] = [
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/[0-9]/, 10],
    [/[^a-zA-Z0-9]/, 33],
  ];
  return Math.max(
    2,
    sets.reduce((n, [re, size]) => n + (re.test(p) ? size : 0), 0),
  );
}
