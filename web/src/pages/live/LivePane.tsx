import { Button } from '@mantine/core';
import { Footprints, SquareTerminal } from 'lucide-react';
import { Link } from 'wouter';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { NotLoaded, type PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SeverityTag } from '../../components/Severity';
import { SidePane } from '../../components/Split';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { What } from './columns';
import type { Row } from './feed';
import classes from './Live.module.css';

/** Where a row leads: to its session, and to who it was. */
export const wayTo = (r: Row) => ({
  session: `/sessions?open=${encodeURIComponent(r.session)}`,
  attacker: `/attackers?open=${encodeURIComponent(r.address)}`,
});

export function LivePane({ row: r, ...pane }: PaneProps & { row: Row | undefined }) {
  return (
    <SidePane label="Event" noun="event" title={r && <Title row={r} />} {...pane}>
      {r === undefined ? <NotLoaded noun="event" /> : <Body row={r} />}
    </SidePane>
  );
}

const Title = ({ row: r }: { row: Row }) => (
  <>
    <SafeText mono>{r.address}</SafeText> on <SafeText>{r.decky}</SafeText>
  </>
);

function Body({ row: r }: { row: Row }) {
  return (
    <>
      <p className={classes.tags}>
        <SeverityTag severity={r.severity} />
        <What row={r} />
      </p>
      <Panel title="In words, redacted">
        <p className={classes.words}>
          <SafeText mono>{r.words === '' ? '(nothing to show)' : r.words}</SafeText>
        </p>
      </Panel>
      <div className={classes.ways}>
        <Way href={wayTo(r).session} icon={<SquareTerminal size={14} />} hint="s" text="The whole session" />
        <Way href={wayTo(r).attacker} icon={<Footprints size={14} />} hint="a" text="The attacker" />
      </div>
      <Panel title="What is known">
        <Facts
          items={[
            ['When', <Stamp key="w" at={r.at} />],
            ['From', <SafeText key="f">{r.address}</SafeText>],
            ['Decky', <SafeText key="d">{r.decky}</SafeText>],
            ['Service', <SafeText key="s">{r.service}</SafeText>],
            ['Session', <code key="i">{r.session}</code>],
          ]}
        />
      </Panel>
      <Panel title="On the command line">
        <Snippet label="CLI">{`cordon session show ${r.session}`}</Snippet>
      </Panel>
    </>
  );
}

type WayProps = { href: string; icon: React.ReactNode; hint: string; text: string };

const Way = ({ href, icon, hint, text }: WayProps) => (
  <Button component={Link} href={href} variant="default" leftSection={icon} rightSection={<kbd>{hint}</kbd>}>
    {text}
  </Button>
);
