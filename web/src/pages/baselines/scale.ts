/** A scale of powers of ten: traffic of a pair and what would be too much of it are far apart. */
export type Scale = { least: number; most: number };

/** The scale that holds all values, of whole powers of ten; what is below `least` lies on its ground. */
export function scaleOf(values: number[], least: number): Scale {
  const top = Math.max(least * 10, ...values);
  return { least, most: 10 ** Math.ceil(Math.log10(top)) };
}

/** Where a value lies: 0 on the ground, 1 at the top. */
export function placeOf(value: number, { least, most }: Scale): number {
  if (value <= least) return 0;
  return Math.min(1, Math.log10(value / least) / Math.log10(most / least));
}

/** The powers of ten of a scale. */
export function powers({ least, most }: Scale): number[] {
  const n = Math.round(Math.log10(most / least));
  return Array.from({ length: n + 1 }, (_, i) => least * 10 ** i);
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size as the explanations of deviations write it: "1.2 MB", in thousands. */
export function size(n: number): string {
  let unit = 0;
  let value = n;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${short(value)} ${units[unit]}`;
}

/** Two digits, or all that stand before the point. */
export function short(x: number): string {
  return x >= 9.95 || Number.isInteger(x) ? String(Math.round(x)) : x.toFixed(1).replace(/\.0$/, '');
}
