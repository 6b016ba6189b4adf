/** One field of an object as it was and as it is. */
export type Change = {
  path: string;
  kind: 'added' | 'removed' | 'changed' | 'same';
  before?: string;
  after?: string;
};

const most = 400; // fields shown of one record; the file has them all
const deepest = 12;

/** Compares two JSON values field by field, by their paths: "filters.rules[0]". */
export function diff(before: unknown, after: unknown): Change[] {
  const a = leaves(before);
  const b = leaves(after);
  const paths = [...new Set([...a.keys(), ...b.keys()])].slice(0, most);
  return paths.map((path) => change(path, a.get(path), b.get(path)));
}

function change(path: string, before: string | undefined, after: string | undefined): Change {
  if (before === undefined) return { path, kind: 'added', after };
  if (after === undefined) return { path, kind: 'removed', before };
  return { path, kind: before === after ? 'same' : 'changed', before, after };
}

function leaves(value: unknown): Map<string, string> {
  const out = new Map<string, string>();
  if (value !== null && value !== undefined) walk(value, '', 0, out);
  return out;
}

function walk(value: unknown, path: string, depth: number, out: Map<string, string>): void {
  if (out.size >= most) return;
  const parts = depth < deepest ? partsOf(value, path) : [];
  if (parts.length === 0) out.set(path, show(value));
  for (const [p, v] of parts) walk(v, p, depth + 1, out);
}

function partsOf(value: unknown, path: string): [string, unknown][] {
  if (Array.isArray(value)) return value.map((v, i) => [`${path}[${i}]`, v]);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([k, v]) => [path === '' ? k : `${path}.${k}`, v]);
}

// Text as it is; everything else, the empty text too, as JSON.
function show(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}
