import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { GossipBypass } from '../../api/types';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { plural } from '../../lib/format';
import classes from './Gateway.module.css';
import { PeerId } from './PeerId';

const first = 3;

/** Nodes that reach each other without the gateway, and what to do about it. */
export function Bypasses({ bypasses }: { bypasses: GossipBypass[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? bypasses : bypasses.slice(0, first);
  return (
    <div className={classes.warning} role="alert">
      <TriangleAlert size={16} aria-hidden="true" />
      <div>
        <p>
          <strong>{plural(bypasses.length, 'pair')} of nodes bypass it.</strong> What they say to each other directly is
          not scanned. Let nodes of one side dial the gateway only: take the other side out of their bootstrap and peer
          lists, turn off mDNS and peer exchange between the sides, and have the firewall refuse connections between
          them. <Link href="/incidents">Each pair has an incident</Link>; resolve it when the way is closed.
        </p>
        <ul className={classes.pairs}>
          {shown.map((b) => (
            <li key={`${b.peer_a} ${b.peer_b}`}>
              <PeerId id={b.peer_a} /> and <PeerId id={b.peer_b} />, last <Ago at={b.last_at} />
              <div className={classes.quiet}>
                <SafeText>{b.evidence}</SafeText>
              </div>
            </li>
          ))}
        </ul>
        {bypasses.length > first && (
          <button type="button" className={classes.more} onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${bypasses.length}`}
          </button>
        )}
      </div>
    </div>
  );
}
