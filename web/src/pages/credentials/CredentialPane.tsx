import { Link } from 'wouter';
import { revealCredential } from '../../api/deception';
import { useMe } from '../../api/queries';
import type { Credential, CredentialSecret } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { EvidenceFields } from '../../components/EvidenceFields';
import { Facts } from '../../components/Facts';
import { NotLoaded, type PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { Reveal } from '../../components/Reveal';
import { SidePane } from '../../components/Split';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { plural } from '../../lib/format';
import { includes } from '../../lib/roles';
import classes from './Credentials.module.css';
import { Elsewhere } from './Elsewhere';
import { wordOf } from './kinds';
import { Principal } from './Principal';
import { Yours } from './Yours';

/** One credential: who tried it where, and for administrators what it is. */
export function CredentialPane({ credential: c, ...pane }: PaneProps & { credential: Credential | undefined }) {
  return (
    <SidePane label="Credential" noun="credential" title={c && <Title credential={c} />} {...pane}>
      {c === undefined ? <NotLoaded noun="credential" /> : <Body credential={c} />}
    </SidePane>
  );
}

function Title({ credential: c }: { credential: Credential }) {
  return (
    <>
      <Principal name={c.principal} /> on <SafeText>{c.decky}</SafeText>
    </>
  );
}

function Body({ credential: c }: { credential: Credential }) {
  return (
    <>
      {c.leaked && <Yours fingerprint={c.fingerprint} />}
      <Panel title="The secret">
        <Secret credential={c} />
      </Panel>
      <Panel title="What is known">
        <Known credential={c} />
      </Panel>
      <Panel title="The same elsewhere">
        <Elsewhere credential={c} />
      </Panel>
      <Panel title="On the command line">
        <Snippet label="CLI">{`cordon credential list --attacker ${c.attacker_ip}`}</Snippet>
        {c.has_secret && <Snippet label="CLI">{`cordon credential reveal ${c.id} --reason WHY`}</Snippet>}
      </Panel>
    </>
  );
}

function Secret({ credential: c }: { credential: Credential }) {
  const role = useMe().data?.role;
  if (!c.has_secret) {
    return <p className={classes.note}>Only its fingerprint is kept: the leak sensor knows this secret.</p>;
  }
  if (!includes(role, 'admin')) {
    return <p className={classes.note}>It is sealed. An administrator can look at it. Your role is {role}.</p>;
  }
  return (
    <Reveal
      title="Show the secret"
      what={
        <p>
          What <SafeText mono>{c.attacker_ip}</SafeText> tried to log in with on <SafeText>{c.decky}</SafeText>. It may
          be somebody's real password.
        </p>
      }
      read={(reason) => revealCredential(c.id, reason)}
    >
      {(secret) => <Shown secret={secret} />}
    </Reveal>
  );
}

function Shown({ secret: s }: { secret: CredentialSecret }) {
  return (
    <>
      <p className={classes.note}>
        As <Principal name={s.principal} />
      </p>
      <EvidenceFields fields={[{ name: 'secret', base64: s.secret_b64 }, ...s.details]} />
    </>
  );
}

function Known({ credential: c }: { credential: Credential }) {
  return (
    <Facts
      items={[
        [
          'From',
          <Link key="f" href={`/attackers?open=${encodeURIComponent(c.attacker_ip)}`}>
            {c.attacker_ip}
          </Link>,
        ],
        ['Decky', <SafeText key="d">{c.decky}</SafeText>],
        ['Service', <SafeText key="s">{c.service}</SafeText>],
        ['Kind', <SafeText key="k">{wordOf(c.kind)}</SafeText>],
        ['As', <Principal key="p" name={c.principal} />],
        ['Tried', plural(c.attempts, 'time')],
        ['Let in', c.accepted ? 'yes' : 'no'],
        ['First tried', <Stamp key="a" at={c.first_seen} />],
        ['Last tried', <Stamp key="l" at={c.last_seen} />],
        [
          'First session',
          <Link key="n" href={`/sessions?open=${encodeURIComponent(c.session)}`}>
            <code>{c.session}</code>
          </Link>,
        ],
        [
          'Fingerprint',
          <code key="g" className={classes.print}>
            {c.fingerprint}
          </code>,
        ],
      ]}
    />
  );
}
