import type { GossipGateway } from '../../api/types';
import { count } from '../../lib/format';

const ends = 8;

/** An id with its middle left out; ids of one kind begin alike and end differently. */
export const shortId = (id: string): string =>
  id.length <= 2 * ends + 3 ? id : `${id.slice(0, ends)}…${id.slice(-ends)}`;

/** How many of a list are shown, when that is not all: "200 of 5 000". */
export const ofAll = (shown: number, total: number): string =>
  total > shown ? `${count(shown)} of ${count(total)}` : count(total);

type Urgent = Pick<GossipGateway, 'id' | 'state' | 'bypasses'>;

/** Gateways that somebody should see to come first: those that are lost, then those that are bypassed. */
export const urgentFirst = <G extends Urgent>(all: G[]): G[] =>
  all.toSorted((x, y) => urgency(y) - urgency(x) || x.id.localeCompare(y.id));

const urgency = (g: Urgent): number => (g.state === 'lost' ? 2 : 0) + (g.bypasses.length > 0 ? 1 : 0);

/** What a node dials: the multiaddress with the gateway's peer id at its end. */
export const dialable = (address: string, peerId: string): string =>
  address.includes('/p2p/') ? address : `${address}/p2p/${peerId}`;
