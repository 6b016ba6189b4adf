/** A list's filter that is a few names and nothing else, as the address holds it. */
export type NamedView<K extends string> = Partial<Record<K, string>>;

/** Reads the filter out of the address; what it does not know, it ignores. */
export function readNames<K extends string>(search: string, names: readonly K[]): NamedView<K> {
  const q = new URLSearchParams(search);
  const view: NamedView<K> = {};
  for (const name of names) {
    const value = q.get(name);
    if (value) view[name] = value;
  }
  return view;
}

/** Writes the filter as a query string, always in the same order. */
export function writeNames<K extends string>(view: NamedView<K>, names: readonly K[], open?: string): string {
  const q = new URLSearchParams();
  for (const name of names) {
    const value = view[name];
    if (value) q.set(name, value);
  }
  return searchOf(q, open);
}

/** A query string as the address takes it, with the row that is open; nothing for an empty one. */
export function searchOf(q: URLSearchParams, open?: string): string {
  if (open !== undefined) q.set('open', open);
  const text = q.toString();
  return text === '' ? '' : `?${text}`;
}

/** A choice with s added or taken away, in the order of all. */
export const toggled = <S>(all: readonly S[], on: readonly S[], s: S): S[] =>
  all.filter((x) => (x === s) !== on.includes(x));
