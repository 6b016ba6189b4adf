import type { ReviewAction } from '../../api/types';
import { type ListCommand, type ListView, listCommand, listKeyHelp } from '../../lib/listKeys';

/** What the keyboard needs to know of the page. */
export type View = ListView & { canReview: boolean };

export type Command = ListCommand | { do: 'review'; action: ReviewAction } | { do: 'undo' };

const reviews: Record<string, ReviewAction> = {
  a: 'confirmed',
  r: 'false_positive',
  i: 'uncertain',
  u: 'uncertain',
};

/** The keys of triage, shown by the help and the buttons. */
export const keyHelp: [keys: string[], what: string][] = [
  ...listKeyHelp('entry'),
  [['a'], 'accept: a real leak'],
  [['r'], 'reject: a false positive'],
  [['i', 'u'], 'uncertain'],
  [['z'], 'back to the entry judged last, with its earlier judgement if it had one'],
];

/** Says what a key does in a view, or null when it means nothing there. */
export function command(key: string, v: View): Command | null {
  return listCommand(key, v) ?? (v.help || !v.canReview ? null : judge(key, v));
}

function judge(key: string, v: View): Command | null {
  if (key === 'z') return { do: 'undo' };
  const action = reviews[key];
  return action !== undefined && (v.cursor >= 0 || v.open) ? { do: 'review', action } : null;
}
