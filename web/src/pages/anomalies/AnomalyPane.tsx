import { useAnomaly } from '../../api/anomalies';
import type { Anomaly } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import type { PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SeverityTag } from '../../components/Severity';
import { SidePane } from '../../components/Split';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { count } from '../../lib/format';
import classes from './Anomalies.module.css';
import { AnomalyState } from './AnomalyState';
import { Elsewhere } from './Elsewhere';
import { Key } from './Key';
import { addressOf, keyWordOf, limitOf, meaningOf, sizeOf, wordOf } from './kinds';

/** One anomaly. A link may lead to one that the list has not loaded: then it is asked for. */
export function AnomalyPane({ id, row, ...pane }: PaneProps & { id: string; row: Anomaly | undefined }) {
  const query = useAnomaly(id, row);
  const a = row ?? query.data;
  return (
    <SidePane label="Anomaly" noun="anomaly" title={a && <Title anomaly={a} />} {...pane}>
      {a !== undefined && <Body anomaly={a} />}
      {a === undefined && query.isPending && <SkeletonRows rows={8} />}
      {a === undefined && query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
    </SidePane>
  );
}

const Title = ({ anomaly: a }: { anomaly: Anomaly }) => (
  <>
    <SafeText>{wordOf(a.kind)}</SafeText> by <Key anomaly={a} />
  </>
);

function Body({ anomaly: a }: { anomaly: Anomaly }) {
  return (
    <>
      <p className={classes.tags}>
        <SeverityTag severity={a.severity} />
        <AnomalyState anomaly={a} />
      </p>
      <p className={classes.means}>
        {meaningOf(a.kind)} {a.key_kind === 'global' && 'There were too many of these to keep one by one.'}
      </p>
      {a.detail !== '' && (
        <Panel title="What it was done with">
          <p className={classes.detail}>
            <SafeText mono>{a.detail}</SafeText>
          </p>
        </Panel>
      )}
      <Panel title="Where else">
        <Elsewhere address={addressOf(a)} />
      </Panel>
      <Panel title="What is known">
        <p className={classes.size}>{sizeOf(a)}</p>
        <Known anomaly={a} />
      </Panel>
      <Panel title="On the command line">
        <Snippet label="CLI">{`cordon anomaly show ${a.id}`}</Snippet>
      </Panel>
    </>
  );
}

function Known({ anomaly: a }: { anomaly: Anomaly }) {
  return (
    <Facts
      items={[
        ['Counted of', keyWordOf(a.key_kind)],
        ['That is', <Key key="k" anomaly={a} />],
        ['Events', <Count key="n" n={a.count} />],
        ['Too much', limitOf(a)],
        ['Address', a.source_ip === '' ? null : <SafeText key="i">{a.source_ip}</SafeText>],
        ['User', a.user === '' ? null : <SafeText key="u">{a.user}</SafeText>],
        ['Began', <Stamp key="o" at={a.opened_at} />],
        ['Last event', <Stamp key="s" at={a.seen_at} />],
        ['Over', a.closed_at === null ? null : <Stamp key="c" at={a.closed_at} />],
      ]}
    />
  );
}

const Count = ({ n }: { n: number }) => <span className="num">{count(n)}</span>;
