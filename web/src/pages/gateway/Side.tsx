import type { GossipGateway, GossipPeer } from '../../api/types';
import { CopyButton } from '../../components/Copy';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { count } from '../../lib/format';
import classes from './Gateway.module.css';
import { PeerId } from './PeerId';
import { dialable, ofAll } from './shorten';

/** One side of a gateway: where it listens, and the nodes that joined there. */
export function Side({ side, gateway: g }: { side: 'a' | 'b'; gateway: GossipGateway }) {
  const peers = g.peers.filter((p) => p.side === side);
  const unlisted = g.peers_total > g.peers.length;
  return (
    <section className={classes.part} aria-label={`Side ${side.toUpperCase()}`}>
      <h3 className={classes.title}>
        Side {side.toUpperCase()}
        <span className={classes.quiet}>
          {count(peers.length)} {peers.length === 1 ? 'node' : 'nodes'}
          {unlisted && `; listed are ${ofAll(g.peers.length, g.peers_total)} of both sides`}
        </span>
      </h3>
      {g.listeners
        .filter((l) => l.side === side)
        .flatMap((l) => l.addresses.map((address) => dialable(address, l.peer_id)))
        .map((address) => (
          <div key={address} className={classes.address}>
            <SafeText mono>{address}</SafeText>
            <CopyButton value={address} label="address" />
          </div>
        ))}
      {peers.length === 0 ? (
        <p className={classes.quiet}>No node is joined here.</p>
      ) : (
        <Peers side={side} peers={peers} />
      )}
    </section>
  );
}

function Peers({ side, peers }: { side: string; peers: GossipPeer[] }) {
  return (
    <section className={classes.scroll} tabIndex={0} aria-label={`Nodes of side ${side.toUpperCase()}`}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">Program</th>
            <th scope="col">Since</th>
            <th scope="col" className={classes.figure}>
              Received
            </th>
            <th scope="col" className={classes.figure}>
              Withheld
            </th>
          </tr>
        </thead>
        <tbody>
          {peers.map((p) => (
            <Peer key={p.peer_id} peer={p} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Peer({ peer: p }: { peer: GossipPeer }) {
  return (
    <tr>
      <td>
        <PeerId id={p.peer_id} />
        <div className={classes.quiet}>
          <SafeText mono>{p.address}</SafeText>
        </div>
      </td>
      <td>
        <SafeText>{p.agent}</SafeText>
      </td>
      <td>{p.connected_at !== null && <Ago at={p.connected_at} />}</td>
      <td className={`${classes.figure} num`}>{count(p.received)}</td>
      <td className={`${classes.figure} num`} data-some={p.withheld > 0 || undefined}>
        {count(p.withheld)}
      </td>
    </tr>
  );
}
