// Gossip gateways: one with 200 nodes and hostile names, one that is bypassed, one that is lost.
import { json, page, problem } from './http.mjs';
import { hostile, iso } from './sessions.mjs';

const second = 1_000;
const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const peerId = (n) =>
  `12D3KooW${Array.from({ length: 44 }, (_, i) => alphabet[(n * 31 + i * i * 7 + i * n) % alphabet.length]).join('')}`;

export const initial = (scenario, now) => ({
  gateways: scenario === 'full' ? [large(now), bypassed(now), lost(now)] : [],
  messageBlocks:
    scenario === 'full'
      ? [
          block(3, now, { message_id: hostile, reason: hostile }),
          block(2, now, {}),
          block(1, now, { by: 'api-key:soc' }),
        ]
      : [],
});

const gateway = (id, now, change) => ({
  id,
  state: 'running',
  since: iso(now - 86_400 * second),
  first_at: iso(now - 900_000 * second),
  seen_at: iso(now - 4 * second),
  version: '0.1.0',
  listeners: [
    { side: 'a', peer_id: peerId(1), addresses: ['/ip4/192.0.2.1/tcp/4101', '/ip6/2001:db8::1/tcp/4101'] },
    { side: 'b', peer_id: peerId(1), addresses: [`/ip4/192.0.2.1/tcp/4102/p2p/${peerId(1)}`] },
  ],
  peers: [],
  peers_total: change.peers?.length ?? 0,
  topics: [],
  topics_total: change.topics?.length ?? 0,
  relayed: 5_811_204,
  withheld: 212,
  not_scanned: 3,
  dropped: 0,
  queue: 2,
  spooled: 0,
  bypasses: [],
  ...change,
});

const peer = (n, now) => ({
  peer_id: peerId(n + 10),
  side: n % 3 === 0 ? 'b' : 'a',
  address: n % 7 === 0 ? `/ip6/2001:db8::${n.toString(16)}/tcp/4001` : `/ip4/198.51.100.${n % 250}/tcp/${4001 + n}`,
  agent: n === 4 ? hostile : `bzzz/2.${n % 4}`,
  connected_at: n === 5 ? null : iso(now - n * 977 * second),
  received: n * 7_919,
  withheld: n % 17 === 0 ? n : 0,
});

const topic = (n) => ({
  name: n === 2 ? hostile : ['bzzz/coordination/v1', 'hmmm/meta-discussion/v1', `bzzz/context/${n}`][Math.min(n, 2)],
  peers_a: 12 + n,
  peers_b: n % 5,
  relayed: 91_000 - n * 700,
  withheld: n % 6 === 0 ? 40 - n : 0,
});

const large = (now) =>
  gateway('gate-1', now, {
    peers: Array.from({ length: 200 }, (_, n) => peer(n, now)),
    peers_total: 1_204,
    topics: Array.from({ length: 40 }, (_, n) => topic(n)),
  });

const bypassed = (now) =>
  gateway('gate-2', now, {
    peers: [peer(1, now), peer(3, now)],
    topics: [topic(0)],
    withheld: 0,
    bypasses: Array.from({ length: 5 }, (_, n) => ({
      peer_a: peerId(n + 10),
      peer_b: peerId(n + 40),
      topic: 'bzzz/coordination/v1',
      message_id: `12D3KooWExample-${n}`,
      evidence: n === 1 ? hostile : 'a message that was withheld on side a was seen on side b',
      first_at: iso(now - 7_200 * second),
      last_at: iso(now - (n + 1) * 700 * second),
    })),
  });

const lost = (now) =>
  gateway('gate-3', now, {
    state: 'lost',
    since: iso(now - 200 * second),
    seen_at: iso(now - 260 * second),
    relayed: 12,
    withheld: 0,
    spooled: 7,
  });

const block = (n, now, change) => ({
  message_id: `12D3KooWExample-${58_000 + n}`,
  blocked: true,
  reason: 'names a customer',
  by: 'ana',
  at: iso(now - n * 3_600 * second),
  ...change,
});

export const routes = {
  'GET gossip/gateways': ({ state, res }) => json(res, 200, { items: state.gateways }),
  'GET gossip/blocks': ({ state, res, q }) =>
    json(
      res,
      200,
      page(state.messageBlocks, q, (b) => b.message_id),
    ),
  'POST gossip/blocks': ({ state, res, body, now }) => {
    if (state.messageBlocks.some((b) => b.message_id === body.message_id))
      return problem(res, 409, 'Conflict', `message ${body.message_id} is withheld already`);
    const made = block(0, now, body);
    state.messageBlocks.unshift(made);
    json(res, 201, made);
  },
  'DELETE gossip/blocks/:sub': ({ state, res, sub: id, q, now }) => {
    const at = state.messageBlocks.findIndex((b) => b.message_id === id);
    if (at < 0) return problem(res, 404, 'Not Found', `message ${id} is not withheld`);
    const [was] = state.messageBlocks.splice(at, 1);
    state.unblocked = { ...was, blocked: false, reason: q.get('reason'), at: iso(now) };
    json(res, 200, state.unblocked);
  },
};
