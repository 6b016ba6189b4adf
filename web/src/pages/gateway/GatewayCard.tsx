import { TriangleAlert } from 'lucide-react';
import { Link } from 'wouter';
import type { GossipGateway } from '../../api/types';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { count } from '../../lib/format';
import { Bypasses } from './Bypasses';
import classes from './Gateway.module.css';
import { Side } from './Side';
import { Topics } from './Topics';
import { Withheld } from './Withheld';

export function GatewayCard({ gateway: g }: { gateway: GossipGateway }) {
  return (
    <section className={classes.card} data-state={g.state} aria-label={`Gateway ${g.id}`}>
      <header className={classes.head}>
        <h2 className={classes.name}>{g.id}</h2>
        <span className={classes.quiet}>
          <SafeText>{g.version}</SafeText>
        </span>
        <span className={classes.quiet}>
          heard <Ago at={g.seen_at} />
        </span>
        <StateTag state={g.state} />
      </header>
      {g.state === 'lost' && <Lost />}
      {g.bypasses.length > 0 && <Bypasses bypasses={g.bypasses} />}
      <Numbers gateway={g} />
      <div className={classes.sides}>
        <Side side="a" gateway={g} />
        <Side side="b" gateway={g} />
      </div>
      <div className={classes.sides}>
        <Topics gateway={g} />
        <Withheld gateway={g.id} />
      </div>
    </section>
  );
}

function Lost() {
  return (
    <div className={classes.warning} role="alert">
      <TriangleAlert size={16} aria-hidden="true" />
      <p>
        <strong>Silent for more than 60 seconds.</strong> Either it does not run, and nodes that only it joins hear
        nothing of each other; or it runs and cannot reach this server, and keeps its events on disk until it can. Look
        at its log, and start it again if need be. What follows is how it was.
      </p>
    </div>
  );
}

function Numbers({ gateway: g }: { gateway: GossipGateway }) {
  const kept = `/quarantine?source=${encodeURIComponent(g.id)}`;
  return (
    <dl className={classes.numbers}>
      <Fact name="Nodes" value={g.peers_total} />
      <Fact name="Relayed" value={g.relayed} />
      <Fact name="Withheld" value={g.withheld} href={kept} />
      <Fact name="Not scanned" value={g.not_scanned} note="withheld, too" />
      <Fact name="No room" value={g.dropped} note="messages, which were withheld, notices and reports" />
      <Fact name="Waiting" value={g.queue} note="messages or reports in memory" />
      <Fact name="Bytes to send" value={g.spooled} note="events that wait on the gateway's disk" />
    </dl>
  );
}

function Fact({ name, value, href, note }: { name: string; value: number; href?: string; note?: string }) {
  return (
    <div>
      <dt title={note}>{name}</dt>
      <dd className="num">
        {href !== undefined && value > 0 ? <Link href={href}>{count(value)}</Link> : count(value)}
      </dd>
    </div>
  );
}
