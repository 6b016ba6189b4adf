import { ChartSpline } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useBaselines, useDeviations } from '../../api/egress';
import type { EgressBaseline } from '../../api/types';
import { EgressError } from '../../components/EgressOff';
import { Page, Panel } from '../../components/Page';
import { ErrorNotice, Notice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { plural, utcDay } from '../../lib/format';
import { BaselineDetail } from './BaselineDetail';
import classes from './Baselines.module.css';
import { type Deviation, deviationsOf, ofPair, usualDay } from './deviations';
import { size } from './scale';

const keyOf = (b: EgressBaseline) => JSON.stringify([b.node, b.program, b.host]);

/** What each program usually sends to each host, and what was unusual. */
export function BaselinesPage() {
  const { data, isPending, isError, error, refetch } = useBaselines();
  const events = useDeviations();
  const told = useMemo(() => deviationsOf(events.data?.items ?? []), [events.data]);
  const rows = useMemo(() => unusualFirst(data?.items ?? [], told), [data, told]);
  return (
    <Page title="Usual traffic" lead="What each program usually sends to each host, and what was more than that.">
      {isPending && <SkeletonRows rows={8} height={26} />}
      {isError && data === undefined && <EgressError error={error} onRetry={() => void refetch()} />}
      {events.isError && events.data === undefined && data !== undefined && (
        <ErrorNotice error={events.error} onRetry={() => void events.refetch()} />
      )}
      {data?.items.length === 0 && <Empty />}
      {rows.length > 0 && <Rows rows={rows} told={told} />}
    </Page>
  );
}

const unusualFirst = (all: EgressBaseline[], told: Deviation[]) =>
  all.toSorted((a, b) => Number(ofPair(told, b).length > 0) - Number(ofPair(told, a).length > 0));

function Rows({ rows, told }: { rows: EgressBaseline[]; told: Deviation[] }) {
  const [open, setOpen] = useState<string | null>();
  const shown = open === undefined ? keyOf(rows[0] as EgressBaseline) : open; // the first, until somebody chooses
  return (
    <Panel title={plural(rows.length, 'program and host', 'programs and hosts')} flush>
      <ul className={classes.rows}>
        {rows.map((b) => (
          <Row
            key={keyOf(b)}
            baseline={b}
            deviations={ofPair(told, b)}
            open={shown === keyOf(b)}
            onToggle={() => setOpen(shown === keyOf(b) ? null : keyOf(b))}
          />
        ))}
      </ul>
    </Panel>
  );
}

type RowProps = { baseline: EgressBaseline; deviations: Deviation[]; open: boolean; onToggle: () => void };

function Row({ baseline: b, deviations, open, onToggle }: RowProps) {
  return (
    <li>
      <button type="button" className={classes.row} aria-expanded={open} onClick={onToggle}>
        <span className={classes.name}>
          {b.program === '' ? '(not known)' : <SafeText mono>{b.program}</SafeText>} to <SafeText>{b.host}</SafeText>
        </span>
        <Profile baseline={b} />
        <span className={`${classes.quiet} num`}>{size(usualDay(b))} a day</span>
        <span className={classes.state} data-unusual={deviations.length > 0 || undefined}>
          {deviations.length > 0
            ? `${plural(deviations.length, 'time')} unusual`
            : b.speaks
              ? 'as usual'
              : `learns until ${utcDay(b.speaks_from)}`}
        </span>
      </button>
      {open && <BaselineDetail baseline={b} deviations={deviations} />}
    </li>
  );
}

/** The day at a glance: the mean of each hour beside the busiest. */
function Profile({ baseline }: { baseline: EgressBaseline }) {
  const most = Math.max(...baseline.hours.map((h) => h.bytes.mean), 1);
  return (
    <svg className={classes.profile} viewBox="0 0 96 20" preserveAspectRatio="none" aria-hidden="true">
      {baseline.hours.map((h, i) => {
        const high = 20 * (h.bytes.mean / most);
        // biome-ignore lint/suspicious/noArrayIndexKey: hours are their numbers
        return <rect key={i} x={i * 4} width={3} y={20 - high} height={high} />;
      })}
    </svg>
  );
}

function Empty() {
  return (
    <Notice icon={<ChartSpline size={26} />} title="Nothing is usual yet">
      <p>
        What a program sends to a host is learned from the first request on. After two weeks, what is more than usual is
        told of.
      </p>
    </Notice>
  );
}
