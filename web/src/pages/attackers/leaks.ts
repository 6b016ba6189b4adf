const shownAtMost = 5;

/** Which addresses are shown, how many of the sample are not, and how many are not in the sample. */
export function cut<T>(sample: T[], total: number): { shown: T[]; more: number; beyond: number } {
  const shown = sample.slice(0, shownAtMost);
  return { shown, more: sample.length - shown.length, beyond: Math.max(0, total - sample.length) };
}
