import { Link } from 'wouter';
import { useAttacker } from '../../api/deception';
import type { AttackerDetail, AttackerService, ScoreTerm } from '../../api/types';
import { BlockButton } from '../../components/BlockButton';
import { Snippet } from '../../components/Copy';
import { DeceptionError } from '../../components/DeceptionOff';
import { Facts } from '../../components/Facts';
import type { PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SidePane } from '../../components/Split';
import { SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago, Stamp } from '../../components/Time';
import { count, plural } from '../../lib/format';
import { Tries } from '../credentials/Tries';
import { Files } from '../sessions/Files';
import classes from './Attackers.module.css';
import { Leaks } from './Leaks';
import { Bar } from './Score';
import { Way } from './Way';

/** One attacker, by id or by the address that they came from. */
export function AttackerPane({ id, ...pane }: PaneProps & { id: string }) {
  const query = useAttacker(id);
  const a = query.data;
  return (
    <SidePane label="Attacker" noun="attacker" title={a && <SafeText mono>{a.address}</SafeText>} {...pane}>
      {a !== undefined && <Body attacker={a} />}
      {query.isPending && <SkeletonRows rows={10} />}
      {query.isError && a === undefined && <DeceptionError error={query.error} onRetry={() => void query.refetch()} />}
    </SidePane>
  );
}

function Body({ attacker: a }: { attacker: AttackerDetail }) {
  return (
    <>
      {a.leaked > 0 && (
        <p className={classes.yours}>
          They tried secrets of yours, {plural(a.leaked, 'time')}: somebody reads what leaks here.{' '}
          <Link href="/incidents">Look at the incidents</Link> and revoke them.
        </p>
      )}
      <BlockAttacker attacker={a} />
      <Panel title={`Score ${a.score}`}>
        <Terms terms={a.terms} />
      </Panel>
      <Panel title="Where from">
        <Origin attacker={a} />
      </Panel>
      <Panel title={`Scanned · ${plural(a.scanned.length, 'service')}`}>
        <Services services={a.scanned} none="They looked at none without using it." />
      </Panel>
      <Panel title={`Interacted with · ${plural(a.interacted_with.length, 'service')}`}>
        <Services services={a.interacted_with} none="They used none." used />
      </Panel>
      <Panel title="Their way">
        <Way id={a.id} />
      </Panel>
      <Panel title="What they tried to log in with">
        <Tries of={{ attacker: a.address }} />
      </Panel>
      <Panel title="Files that they left">
        <Files of={{ attacker_ip: a.address }} />
      </Panel>
      <Panel title="On the command line">
        <Snippet label="CLI">{`cordon attacker show ${a.address}`}</Snippet>
      </Panel>
    </>
  );
}

/** What can be done about them. */
const BlockAttacker = ({ attacker: a }: { attacker: AttackerDetail }) => (
  <div className={classes.deeds}>
    <BlockButton address={a.address} reason={`touched ${plural(a.deckies, 'decky', 'deckies')}, score ${a.score}`} />
  </div>
);

function Terms({ terms }: { terms: ScoreTerm[] }) {
  if (terms.length === 0) return <p className={classes.note}>Nothing counts against them yet.</p>;
  const most = Math.max(...terms.map((t) => t.points));
  const sum = terms.reduce((all, t) => all + t.points, 0);
  return (
    <>
      <ul className={classes.terms}>
        {terms.map((t) => (
          <li key={t.term}>
            <span>
              <SafeText>{t.why}</SafeText>
            </span>
            <span className="num">+{t.points}</span>
            <Bar points={t.points} of={most} />
          </li>
        ))}
      </ul>
      {sum > 100 && <p className={classes.note}>Together {count(sum)}; a score ends at 100.</p>}
    </>
  );
}

function Origin({ attacker: a }: { attacker: AttackerDetail }) {
  const at = encodeURIComponent(a.address);
  return (
    <Facts
      items={[
        [
          'Address',
          <SafeText key="a" mono>
            {a.address}
          </SafeText>,
        ],
        ['Leaked IPs', <Leaks key="l" sample={a.ip_leaks} total={a.ip_leaks_total} rotation={a.rotation} />],
        ['First seen', <Stamp key="f" at={a.first_seen} />],
        ['Last seen', <Stamp key="s" at={a.last_seen} />],
        ['Came on', plural(a.days, 'day')],
        [
          'Sessions',
          <Link key="n" href={`/sessions?attacker=${at}`}>
            {plural(a.sessions, 'session')}
          </Link>,
        ],
        ['Let in', a.logins === 0 ? 'never' : plural(a.logins, 'time')],
        ['Deckies', plural(a.deckies, 'decky', 'deckies')],
      ]}
    />
  );
}

function Services({ services, none, used }: { services: AttackerService[]; none: string; used?: boolean }) {
  if (services.length === 0) return <p className={classes.note}>{none}</p>;
  return (
    <ul className={classes.services}>
      {services.map((s) => (
        <li key={s.service}>
          <SafeText>{s.service}</SafeText>
          <span className={classes.note}>
            {plural(s.events, 'event')}
            {used && `, ${plural(s.interactions, 'interaction')}`}
          </span>
          <Ago at={s.last_seen} />
        </li>
      ))}
    </ul>
  );
}
