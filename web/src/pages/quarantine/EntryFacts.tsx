import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Quarantine } from '../../api/types';
import { CopyButton } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { count, middle, percent } from '../../lib/format';
import { plain } from '../../lib/text';

const dispositions: Record<string, string> = {
  observed: 'Observed: it was already written when Cordon read it; what is read is never modified',
  withheld: 'Withheld: the message was not passed on',
};

export function EntryFacts({ entry: e }: { entry: Quarantine }) {
  return (
    <Facts
      items={[
        ['Found', <Stamp key="t" at={e.timestamp} />],
        [
          'Rule',
          <Link key="r" href={`/rules/${encodeURIComponent(e.rule)}`}>
            <SafeText mono>{e.rule}</SafeText>
          </Link>,
        ],
        [
          'Confidence',
          <span key="c" className="num">
            {percent(e.confidence)}
          </span>,
        ],
        ['What was done', dispositions[e.disposition] ?? e.disposition],
        ['Source', safe(e.source)],
        ['Position', e.hypercore_position === null ? null : <Position key="p" entry={e} />],
        ['Message type', safe(e.message_type)],
        ['From', safe(e.from)],
        ['Label', safe(e.label)],
        ['Occurrences', count(e.occurrences)],
        ['Fingerprint', <Fingerprint key="f" value={e.fingerprint} />],
        ['Message id', long(e.bzzz_message_id, 'message id')],
        ['Message hash', long(e.full_content_hash, 'message hash')],
        ['Core key', long(e.core_key, 'core key')],
        ['Correlation', long(e.correlation_id, 'correlation id')],
        ['Entry', long(e.id, 'entry id')],
      ]}
    />
  );
}

const safe = (s: string): ReactNode => (s === '' ? null : <SafeText>{s}</SafeText>);

function long(value: string, label: string): ReactNode {
  if (value === '') return null;
  return (
    <>
      <code title={plain(value)}>{plain(middle(value, 16, 6))}</code>
      <CopyButton value={value} label={label} />
    </>
  );
}

function Position({ entry }: { entry: Quarantine }) {
  return (
    <span className="num">
      {count(entry.hypercore_position ?? 0)}, fork {entry.fork}
    </span>
  );
}

// One secret has one fingerprint everywhere: the way to its other sightings.
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
