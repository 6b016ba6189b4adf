export type DiffLine = { kind: 'same' | 'removed' | 'added'; text: string };

const most = 1_500; // lines on either side that are compared in full

/**
 * What differs between two texts, line by line, by their longest common
 * subsequence. Where both sides of what differs are longer than `most`, the one
 * is shown as removed, the other as added.
 */
export function lineDiff(before: string, after: string): DiffLine[] {
  const a = before.split('\n');
  const b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return [
    ...mark('same', a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...mark('same', a.slice(a.length - tail)),
  ];
}

const mark = (kind: DiffLine['kind'], lines: string[]): DiffLine[] => lines.map((text) => ({ kind, text }));

function middle(a: string[], b: string[]): DiffLine[] {
  if (a.length > most && b.length > most) return [...mark('removed', a), ...mark('added', b)];
  const length = table(a, b);
  const out: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      out.push({ kind: 'same', text: a[i] as string });
      i++;
      j++;
    } else if (at(length, i + 1, j) >= at(length, i, j + 1)) {
      out.push({ kind: 'removed', text: a[i++] as string });
    } else {
      out.push({ kind: 'added', text: b[j++] as string });
    }
  }
  return [...out, ...mark('removed', a.slice(i)), ...mark('added', b.slice(j))];
}

const at = (t: Uint16Array[], i: number, j: number): number => t[i]?.[j] ?? 0;

// at(i, j) is the length of the longest common subsequence of a from i and b from j.
function table(a: string[], b: string[]): Uint16Array[] {
  const t = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    const row = t[i] as Uint16Array;
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i] === b[j] ? at(t, i + 1, j + 1) + 1 : Math.max(at(t, i + 1, j), at(t, i, j + 1));
    }
  }
  return t;
}

export type DiffPiece = { kind: DiffLine['kind'] | 'gap'; text: string; key: number };

/** The lines that differ, each with a few around it; a gap stands for the rest. */
export function around(lines: DiffLine[], context = 2): DiffPiece[] {
  const near = lines.map((_, i) =>
    lines.slice(Math.max(0, i - context), i + context + 1).some((l) => l.kind !== 'same'),
  );
  const out: DiffPiece[] = [];
  lines.forEach((l, i) => {
    if (near[i]) out.push({ ...l, key: i });
    else if (out.at(-1)?.kind !== 'gap') out.push({ kind: 'gap', text: '', key: i });
  });
  return out;
}
