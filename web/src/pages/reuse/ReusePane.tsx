import { Link } from 'wouter';
import { useReuse } from '../../api/deception';
import type { ReuseDetail, ReuseTarget } from '../../api/types';
import { CopyButton, Snippet } from '../../components/Copy';
import { DeceptionError } from '../../components/DeceptionOff';
import { Facts } from '../../components/Facts';
import type { PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SidePane } from '../../components/Split';
import { SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { count, plural, shellQuote } from '../../lib/format';
import { writeView } from '../credentials/filters';
import { wordOf } from '../credentials/kinds';
import { Tries } from '../credentials/Tries';
import { Yours } from '../credentials/Yours';
import classes from './Reuse.module.css';

/** One secret: where it was tried, how often, and by whom. A link may lead to one that the list has not loaded. */
export function ReusePane({ id, ...pane }: PaneProps & { id: string }) {
  const query = useReuse(id);
  const r = query.data;
  return (
    <SidePane label="Reuse" noun="secret" title={r && <Title reuse={r} />} {...pane}>
      {r !== undefined && <Body reuse={r} />}
      {query.isPending && <SkeletonRows rows={8} />}
      {query.isError && r === undefined && <DeceptionError error={query.error} onRetry={() => void query.refetch()} />}
    </SidePane>
  );
}

const Title = ({ reuse: r }: { reuse: ReuseDetail }) => (
  <>
    One secret on {plural(r.targets, 'service')}, by {plural(r.addresses, 'address', 'addresses')}
  </>
);

function Body({ reuse: r }: { reuse: ReuseDetail }) {
  return (
    <>
      {r.leaked && <Yours fingerprint={r.fingerprint} />}
      <Panel title={`Where · ${plural(r.targets, 'service')}`}>
        <Places places={r.places} of={r.fingerprint} />
        <Beyond shown={r.places.length} all={r.targets} />
      </Panel>
      <Panel title={`By whom · ${plural(r.addresses, 'address', 'addresses')}`}>
        <Addresses from={r.from} />
        <Beyond shown={r.from.length} all={r.addresses} />
      </Panel>
      <Panel title="How often">
        <Tries of={{ fingerprint: r.fingerprint }} />
      </Panel>
      <Panel title="What is known">
        <Known reuse={r} />
      </Panel>
      <Panel title="On the command line">
        <Snippet label="CLI">{`cordon credential list --fingerprint ${shellQuote(r.fingerprint)}`}</Snippet>
      </Panel>
    </>
  );
}

function Places({ places, of }: { places: ReuseTarget[]; of: string }) {
  return (
    <ul className={classes.list}>
      {places.map(({ decky, service }) => (
        <li key={`${decky}/${service}`}>
          <Link href={`/credentials${writeView({ decky, service, fingerprint: of })}`}>
            <SafeText>{service}</SafeText> on <SafeText>{decky}</SafeText>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Addresses({ from }: { from: string[] }) {
  return (
    <ul className={`${classes.list} ${classes.many}`}>
      {from.map((address) => (
        <li key={address}>
          <Link href={`/attackers?open=${encodeURIComponent(address)}`}>
            <SafeText mono>{address}</SafeText>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Beyond({ shown, all }: { shown: number; all: number }) {
  if (all <= shown) return null;
  return (
    <p className={classes.note}>
      The first {count(shown)}; {count(all - shown)} more came later.
    </p>
  );
}

function Known({ reuse: r }: { reuse: ReuseDetail }) {
  return (
    <Facts
      items={[
        ['Kind', <SafeText key="k">{wordOf(r.kind)}</SafeText>],
        ['First tried', <Stamp key="f" at={r.first_seen} />],
        ['Last tried', <Stamp key="l" at={r.last_seen} />],
        [
          'Fingerprint',
          <span key="p" className={classes.print}>
            <code>{r.fingerprint}</code>
            <CopyButton value={r.fingerprint} label="fingerprint" />
          </span>,
        ],
      ]}
    />
  );
}
