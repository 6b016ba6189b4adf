import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Overview } from '../../api/types';
import { Panel } from '../../components/Page';
import { SeverityMark, severities } from '../../components/Severity';
import { count } from '../../lib/format';
import { useNow } from '../../lib/useNow';
import { type Bar, bars, total } from './buckets';
import { Chart } from './Chart';
import classes from './Overview.module.css';

export const periods = [
  { value: '24', label: '24 h', words: 'the last 24 hours' },
  { value: '168', label: '7 d', words: 'the last 7 days' },
  { value: '720', label: '30 d', words: 'the last 30 days' },
];
const views = [
  { value: 'chart', label: 'Chart' },
  { value: 'table', label: 'Table' },
];

type Props = { overview: Overview; hours: string; onHours: (hours: string) => void };

/** What entered quarantine over time, as bars or as the same numbers in a table. */
export function History({ overview, hours, onHours }: Props) {
  const [view, setView] = useState('chart');
  const now = Math.floor(useNow() / 60_000) * 60_000;
  const { buckets, from, bucket_hours } = overview;
  const data = useMemo(() => bars(buckets, from, bucket_hours, now), [buckets, from, bucket_hours, now]);
  const none = data.every((b) => total(b) === 0);
  const words = periods.find((p) => p.value === hours)?.words ?? '';
  return (
    <Panel
      title="Findings over time"
      aside={
        <div className={classes.switches}>
          <SegmentedControl size="xs" data={views} value={view} onChange={setView} aria-label="View" />
          <SegmentedControl size="xs" data={periods} value={hours} onChange={onHours} aria-label="Period" />
        </div>
      }
    >
      <Legend data={data} />
      {none && <p className={classes.none}>Nothing entered quarantine in {words}.</p>}
      {!none && view === 'chart' && <Chart data={data} />}
      {!none && view === 'table' && <Numbers data={data} words={words} />}
    </Panel>
  );
}

function Legend({ data }: { data: Bar[] }) {
  return (
    <ul className={classes.legend} aria-label="Entered quarantine in this period">
      {severities.map((s) => (
        <li key={s}>
          <SeverityMark severity={s} />
          {s}
          <span className="num">{count(data.reduce((n, b) => n + b[s], 0))}</span>
        </li>
      ))}
    </ul>
  );
}

function Numbers({ data, words }: { data: Bar[]; words: string }) {
  const filled = data.filter((b) => total(b) > 0).toReversed();
  return (
    <section className={classes.numbers} tabIndex={0} aria-label="Findings over time as a table, scrolls">
      <table className={classes.table}>
        <caption className="sr-only">
          What entered quarantine in {words}, by time and severity; times without any are left out
        </caption>
        <thead>
          <tr>
            <th>Time</th>
            {severities.map((s) => (
              <th key={s} data-num>
                {s}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {filled.map((b) => (
            <tr key={b.start}>
              <th scope="row">{b.label}</th>
              {severities.map((s) => (
                <td key={s} data-num className="num">
                  {count(b[s])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
