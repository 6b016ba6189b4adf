import { useDeckies } from '../../api/deception';
import { useEgress } from '../../api/egress';
import { Snippet } from '../../components/Copy';
import { plural } from '../../lib/format';
import classes from './Overview.module.css';
import { tryDecky, tryGateway } from './tries';

/** One thing to try, with the command that does it; nothing when that cannot be done here. */
function Try({ title, command, children }: { title: string; command: string | null; children: string }) {
  if (command === null) return null;
  return (
    <div>
      <h3>{title}</h3>
      <p>{children}</p>
      <Snippet label="shell">{command}</Snippet>
    </div>
  );
}

/** What to do while nothing was caught yet. */
export function GettingStarted({ watching }: { watching: number }) {
  const gateway = useEgress().data?.listen ?? '';
  const deckies = useDeckies().data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <section className={classes.start}>
      <h2>{watching > 0 ? 'Nothing caught yet' : 'Nothing is watched yet'}</h2>
      <p>
        {watching > 0
          ? `Cordon follows ${plural(watching, 'source')} and has found no secret. To see a catch from end to end, play the demo.`
          : 'Point Cordon at a log or a folder, and every secret written there is found, redacted and listed here. Or play the demo first.'}
      </p>
      <div className={classes.steps}>
        <div>
          <h3>See it work</h3>
          <p>
            Plays a short story with fake secrets through the doors of this running server. They appear here within
            seconds.
          </p>
          <Snippet label="CLI">cordon demo</Snippet>
        </div>
        <div>
          <h3>Watch a folder</h3>
          <p>Every file dropped into it is scanned. No configuration file needed.</p>
          <Snippet label="CLI">cordon serve --watch dir:/var/log/agents</Snippet>
        </div>
        <Try title="Keep something in" command={tryGateway(gateway)}>
          A program that uses the gateway as its proxy reaches only what the policy names. This is refused, and listed
          in Decisions.
        </Try>
        <Try title="Touch a decky" command={tryDecky(deckies)}>
          A host that nobody has a reason to touch. The third password that you try is right; Sessions shows what you
          did there.
        </Try>
        <div>
          <h3>Follow a Hypercore log</h3>
          <p>Read-only and live, from the first entry; the log itself is never touched.</p>
          <Snippet label="CLI">cordon serve --watch hypercore:/path/to/core</Snippet>
        </div>
      </div>
    </section>
  );
}
