import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Finding } from '../../api/types';
import { CopyButton, Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { NotLoaded, type PaneProps } from '../../components/ListPage';
import { Panel } from '../../components/Page';
import { SeverityTag } from '../../components/Severity';
import { SidePane } from '../../components/Split';
import { Evidence, SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { count, middle, percent, shellQuote } from '../../lib/format';
import { plain } from '../../lib/text';
import classes from './Findings.module.css';

type Props = PaneProps & { finding: Finding | undefined };

export function FindingPane({ finding: f, ...pane }: Props) {
  return (
    <SidePane label="Finding" noun="finding" title={f && <SafeText>{f.secret_type}</SafeText>} {...pane}>
      {f === undefined ? <NotLoaded noun="finding" /> : <Body finding={f} />}
    </SidePane>
  );
}

function Body({ finding: f }: { finding: Finding }) {
  return (
    <>
      <div className={classes.tags}>
        <SeverityTag severity={f.severity} />
        <Where finding={f} />
      </div>
      <Evidence>{f.redacted}</Evidence>
      <Panel title="Facts">
        <FindingFacts finding={f} />
      </Panel>
      <Panel title="The same elsewhere">
        <Elsewhere finding={f} />
      </Panel>
    </>
  );
}

function Where({ finding: f }: { finding: Finding }) {
  if (f.quarantine_id === null || f.quarantine_id === '') {
    return <span className={classes.quiet}>Below the bar of quarantine: counted, not held for review.</span>;
  }
  return <Link href={`/quarantine/${encodeURIComponent(f.quarantine_id)}`}>Open its quarantine entry</Link>;
}

function FindingFacts({ finding: f }: { finding: Finding }) {
  return (
    <Facts
      items={[
        ['Found', <Stamp key="t" at={f.occurred_at} />],
        [
          'Rule',
          <Link key="r" href={`/rules/${encodeURIComponent(f.rule)}`}>
            <SafeText mono>{f.rule}</SafeText>
          </Link>,
        ],
        ['Confidence', percent(f.confidence)],
        [
          'Field',
          f.field === '' ? (
            'the raw bytes'
          ) : (
            <SafeText key="p" mono>
              {f.field}
            </SafeText>
          ),
        ],
        ['Decoded from', f.decoders.length === 0 ? null : f.decoders.join(' → ')],
        ['Source', <SafeText key="s">{f.source}</SafeText>],
        ['Position', f.hypercore_position === null ? null : `${count(f.hypercore_position)}, fork ${f.fork}`],
        ['Fingerprint', <Fingerprint key="f" value={f.fingerprint} />],
        ['Message id', long(f.bzzz_message_id, 'message id')],
        ['Core key', long(f.core_key, 'core key')],
        ['Correlation', long(f.correlation_id, 'correlation id')],
        ['Finding', long(f.id, 'finding id')],
      ]}
    />
  );
}

function long(value: string, label: string): ReactNode {
  if (value === '') return null;
  return (
    <>
      <code title={plain(value)}>{plain(middle(value, 16, 6))}</code>
      <CopyButton value={value} label={label} />
    </>
  );
}

function Fingerprint({ value }: { value: string }) {
  return (
    <>
      <Link href={`/findings?fingerprint=${encodeURIComponent(value)}`} title="Every sighting of this secret">
        <code>{plain(middle(value, 16, 6))}</code>
      </Link>
      <CopyButton value={value} label="fingerprint" />
    </>
  );
}

// All sightings of this secret, for scripts; the command line has quarantine only.
function Elsewhere({ finding: f }: { finding: Finding }) {
  const url = `${window.location.origin}/api/v1/findings?fingerprint=${encodeURIComponent(f.fingerprint)}`;
  return (
    <>
      <Snippet label="API">{`curl -H "Authorization: Bearer $CORDON_API_KEY" ${shellQuote(url)}`}</Snippet>
      {f.quarantine_id && <Snippet label="CLI">{`cordon quarantine show ${shellQuote(f.quarantine_id)}`}</Snippet>}
    </>
  );
}
