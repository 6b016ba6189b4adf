import type { Anomaly, AnomalyKeyKind, AnomalyKind } from '../../api/types';
import { plural } from '../../lib/format';

type Words = { word: string; means: string };

// What the sensor tells apart, in people's words.
const words: Record<AnomalyKind, Words> = {
  brute_force: {
    word: 'Brute force',
    means: 'More logins failed than chance explains: somebody guesses passwords. See whether one of them succeeded.',
  },
  privilege_escalation: {
    word: 'Privilege escalation',
    means: 'A container with privileges was asked for and refused. Whoever asked wants to be root on the host.',
  },
  path_traversal: {
    word: 'Path traversal',
    means: 'A path climbed out of where it may lead. See whether the request was answered, and with what.',
  },
  command_injection: {
    word: 'Command injection',
    means: 'An input would have become a command. See what the program did with it, and mend how it takes input.',
  },
  web_attack: {
    word: 'Web attack',
    means:
      'A request attacked what stands behind the web server, or a tool said that it looks for weaknesses. See how it was answered.',
  },
  suspicious_container: {
    word: 'Suspicious container',
    means: 'A container was started that can leave its walls. See who started it, and whether it needs that much.',
  },
  rate_limit_exceeded: {
    word: 'Rate limit exceeded',
    means: 'A client went on after it was told to wait: a broken program, or somebody who tries much.',
  },
};

const keyWords: Record<AnomalyKeyKind, string> = {
  ip: 'one address',
  subnet: 'one network',
  user: 'one user',
  global: 'many together',
};

export const kinds = Object.keys(words) as AnomalyKind[];

// What the API takes for a kind; those of operators' rules have ids of the same form.
const kindForm = /^[a-z][a-z0-9_]{0,63}$/;

export const isKind = (text: string | null): text is AnomalyKind => text !== null && kindForm.test(text);

/** The builtin kinds, and others that are in use. */
export const kindsWith = (others: AnomalyKind[]): AnomalyKind[] => [
  ...kinds,
  ...[...new Set(others)].filter((k) => !kinds.includes(k)).sort(),
];

export const keyKinds = Object.keys(keyWords) as AnomalyKeyKind[];

/** The kind in people's words; one that this page does not know, by its name. */
export const wordOf = (kind: string): string => known(kind)?.word ?? kind;

export const meaningOf = (kind: string): string =>
  known(kind)?.means ?? 'Something happened more often than chance explains, or than a rule of yours allows.';

const known = (kind: string): Words | undefined =>
  Object.hasOwn(words, kind) ? words[kind as AnomalyKind] : undefined;

/** Whose events were counted together. */
export const keyWordOf = (k: AnomalyKeyKind): string => keyWords[k] ?? k;

const manyWords: Record<string, string> = {
  ip: 'many addresses at once',
  subnet: 'many networks at once',
  user: 'many users at once',
};

/** Who it was when there were too many to keep one by one. */
export const manyOf = (key: string): string => (Object.hasOwn(manyWords, key) ? manyWords[key] : undefined) ?? key;

/** "10 within 5 min": what is too much. */
export const limitOf = ({ threshold, window_seconds }: Pick<Anomaly, 'threshold' | 'window_seconds'>): string =>
  `${threshold} within ${span(window_seconds)}`;

/** A length of time in its largest whole unit: "5 min", "90 s", "2 h". */
export function span(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds >= 60 && seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
}

/** How much it was, in a sentence. */
export const sizeOf = (a: Anomaly): string =>
  `${plural(a.count, 'event')}, where ${limitOf(a)} ${a.threshold === 1 ? 'is' : 'are'} too ${a.threshold === 1 ? 'much' : 'many'}.`;

/** The address to look after: of the latest event, or what was counted by. */
export const addressOf = ({ source_ip, key, key_kind }: Pick<Anomaly, 'source_ip' | 'key' | 'key_kind'>): string =>
  source_ip !== '' || key_kind !== 'ip' ? source_ip : key;
