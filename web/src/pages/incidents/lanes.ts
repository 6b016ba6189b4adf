import type { IncidentEntry } from '../../api/types';

/** One line of the picture: what one sensor saw, or what people did. */
export type Lane = { name: string; marks: Mark[] };
export type Mark = { entry: IncidentEntry /** 0: the first of all, 1: the last */; at: number };

/** The names of lanes, in the order in which they are shown. */
const order = ['leak', 'egress', 'deception', 'anomaly', 'access', 'people', 'Cordon'];

const laneOf = (e: IncidentEntry) => (e.kind === 'human' ? 'people' : e.sensor || 'Cordon');

/** Where the lines of a timeline stand in time, by who saw them; null when there is no time between them to show. */
export function lanesOf(entries: IncidentEntry[]): Lane[] | null {
  const times = entries.map((e) => Date.parse(e.at));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  if (entries.length < 2 || !(last > first)) return null;
  const lanes = new Map<string, Mark[]>();
  for (const entry of entries) {
    const mark = { entry, at: (Date.parse(entry.at) - first) / (last - first) };
    lanes.set(laneOf(entry), [...(lanes.get(laneOf(entry)) ?? []), mark]);
  }
  return [...lanes].map(([name, marks]) => ({ name, marks })).sort((a, b) => rank(a.name) - rank(b.name));
}

const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);

/** "9 min", "3 h", "2 d": how long it all took. */
export function spanOf(entries: IncidentEntry[]): string {
  const times = entries.map((e) => Date.parse(e.at));
  const seconds = Math.round((Math.max(...times) - Math.min(...times)) / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}
