import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Connection, Stream } from './stream';

vi.setConfig({ testTimeout: 120_000 }); // the pauses between attempts are real

type Wire = { url: string; after: string | null; say: (text: string) => void; cut: () => void };

let wires: Wire[];
let refuse: boolean;

// A server that keeps every connection open until it is cut.
const answer = (url: string, { headers, signal }: { headers: Record<string, string>; signal: AbortSignal }) => {
  if (refuse) return Promise.reject(new Error('refused'));
  const body = new ReadableStream<Uint8Array>({
    start(c) {
      signal.addEventListener('abort', () => c.error(new Error('aborted')));
      const say = (text: string) => c.enqueue(new TextEncoder().encode(text));
      wires.push({ url, after: headers['Last-Event-ID'] ?? null, say, cut: () => c.close() });
    },
  });
  return Promise.resolve(new Response(body));
};

beforeEach(() => {
  [wires, refuse] = [[], false];
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('fetch', answer);
});
afterEach(() => vi.unstubAllGlobals());

const wire = (n: number) => vi.waitFor(() => wires[n - 1] ?? Promise.reject(new Error(`no connection ${n}`)), 60_000);
const heard = (into: string[], text: string) => vi.waitFor(() => expect(into).toContain(text), 60_000);

function follow(url: string) {
  const said: string[] = [];
  const states: [Connection, boolean][] = [];
  const stream = new Stream(url, {
    onMessage: (m) => said.push(m.data),
    onState: (s, resumed) => states.push([s, resumed]),
    onDenied: () => {},
  });
  stream.open();
  return { stream, said, states };
}

it('resumes behind the last place it was told, also when no message came', async () => {
  const { stream, said, states } = follow('/stream');
  (await wire(1)).say('retry: 2000\nid: 2026-11-20/7\n\n');
  wires[0]?.say(': still here\n\nid: 2026-11-20/9\n\n');
  wires[0]?.say('data: half of a message\n');
  wires[0]?.cut();
  expect((await wire(2)).after).toBe('2026-11-20/9');
  wires[1]?.say('id: 2026-11-20/10\ndata: whole\n\n');
  await heard(said, 'whole');
  expect(said).toEqual(['whole']);
  expect(states).toEqual([
    ['connecting', false],
    ['live', false],
    ['lost', false],
    ['live', true],
  ]);
  stream.close();
});

it('goes over to other topics where it stands: nobody notices, nothing is missed', async () => {
  const { stream, said, states } = follow('/stream?topics=a');
  (await wire(1)).say('id: 2026-11-20/7\ndata: one\n\n');
  await heard(said, 'one');
  stream.follow('/stream?topics=a&topics=b');
  stream.follow('/stream?topics=a&topics=b');
  const second = await wire(2);
  expect([second.url, second.after]).toEqual(['/stream?topics=a&topics=b', '2026-11-20/7']);
  second.say('id: 2026-11-20/8\ndata: two\n\n');
  await heard(said, 'two');
  expect(states).toEqual([
    ['connecting', false],
    ['live', false],
  ]);
  expect(wires).toHaveLength(2);
  stream.close();
});

it('says so when it cannot go over, and when it can again', async () => {
  const { stream, said, states } = follow('/stream?topics=a');
  (await wire(1)).say('id: 2026-11-20/7\ndata: one\n\n');
  await heard(said, 'one');
  refuse = true;
  stream.follow('/stream?topics=b');
  await vi.waitFor(() => expect(states.at(-1)).toEqual(['lost', false]), 60_000);
  refuse = false;
  stream.retryNow();
  expect((await wire(2)).url).toBe('/stream?topics=b');
  await vi.waitFor(() => expect(states.at(-1)).toEqual(['live', true]), 60_000);
  stream.close();
});
