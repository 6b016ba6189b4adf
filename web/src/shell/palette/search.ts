import type { LucideIcon } from 'lucide-react';

export type Command = {
  id: string;
  group: string;
  name: string;
  /** Shown behind the name. */
  hint?: string;
  /** Other words people may look for it by. */
  words?: string;
  icon: LucideIcon;
  run: () => void;
};

/** The commands that hold every word of the query, those whose name begins with it first. */
export function search(commands: Command[], query: string): Command[] {
  const text = query.trim().toLowerCase();
  if (text === '') return commands;
  const words = text.split(/\s+/);
  const hits = commands.filter((c) => {
    const all = `${c.name} ${c.words ?? ''} ${c.group}`.toLowerCase();
    return words.every((w) => all.includes(w));
  });
  const late = (c: Command) => (c.name.toLowerCase().startsWith(text) ? 0 : 1);
  return hits.toSorted((a, b) => late(a) - late(b));
}

/** Commands of one group beside each other, groups in the order of their first command. */
export function grouped(commands: Command[]): [group: string, commands: Command[]][] {
  const by = new Map<string, Command[]>();
  for (const c of commands) by.set(c.group, [...(by.get(c.group) ?? []), c]);
  return [...by];
}

export type Place = { kind: 'entry' | 'fingerprint' | 'rule'; name: string; path: string };

const entry = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const fingerprint = /^v\d+:[0-9a-f]+:[0-9a-f]{8,}$/i;
const rule = /^[a-z0-9][a-z0-9_-]{2,}$/i;

/** Where a pasted identifier leads: an entry by its id, sightings by a fingerprint, entries by their rule. */
export function placeOf(query: string): Place | null {
  const q = query.trim();
  if (entry.test(q)) return { kind: 'entry', name: q, path: `/quarantine/${q.toLowerCase()}` };
  if (fingerprint.test(q))
    return { kind: 'fingerprint', name: q, path: `/findings?fingerprint=${encodeURIComponent(q)}` };
  if (rule.test(q)) return { kind: 'rule', name: q, path: `/quarantine?rule=${encodeURIComponent(q)}` };
  return null;
}
