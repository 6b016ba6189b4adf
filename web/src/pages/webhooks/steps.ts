import type { Webhook } from '../../api/types';

type Stored = Webhook['escalate'][number];

export const units = { s: 'seconds', m: 'minutes', h: 'hours' } as const;
export type Unit = keyof typeof units;

/** A step of an escalation, as the form has it. */
export type Step = { key: number; amount: number | ''; unit: Unit; to: string };

/** As the API has it: no more. */
export const mostSteps = 8;

const seconds: Record<Unit, number> = { s: 1, m: 60, h: 3600 };

/** A duration as Go writes it (1h30m0s), in the largest unit that needs no part of it. */
export function lasting(text: string): { amount: number; unit: Unit } {
  const all = [...text.matchAll(/(\d+(?:\.\d+)?)([hms])/g)].reduce(
    (n, [, k, u]) => n + Number(k) * seconds[u as Unit],
    0,
  );
  const unit = (['h', 'm'] as const).find((u) => all > 0 && all % seconds[u] === 0) ?? 's';
  return { amount: all / seconds[unit], unit };
}

/** The same for people: 15 min. */
export function lastingWords(text: string): string {
  const { amount, unit } = lasting(text);
  return `${amount} ${{ s: 's', m: 'min', h: 'h' }[unit]}`;
}

export const stepsFrom = (all: Stored[]): Step[] => all.map((s, key) => ({ key, ...lasting(s.after), to: s.to }));

export const stepsMade = (all: Step[]): Stored[] => all.map((s) => ({ after: `${s.amount || 0}${s.unit}`, to: s.to }));

/** The steps and one more, twice as late as the last. */
export function withStep(all: Step[], to: string): Step[] {
  const last = all.at(-1);
  const key = Math.max(-1, ...all.map((s) => s.key)) + 1;
  if (last === undefined) return [{ key, amount: 15, unit: 'm', to }];
  return [...all, { ...last, key, amount: last.amount === '' ? '' : last.amount * 2, to }];
}
