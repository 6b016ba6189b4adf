import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { EgressBaseline } from '../../api/types';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { utcDay } from '../../lib/format';
import classes from './Baselines.module.css';
import { DaysChart } from './DaysChart';
import type { Deviation } from './deviations';
import { amount, HoursChart, type Measure } from './HoursChart';

const measures = [
  { value: 'bytes', label: 'Bytes sent' },
  { value: 'requests', label: 'Requests' },
];

/** One baseline, drawn, with what deviated from it and why. */
export function BaselineDetail({ baseline: b, deviations }: { baseline: EgressBaseline; deviations: Deviation[] }) {
  const [measure, setMeasure] = useState<Measure>('bytes');
  return (
    <div className={classes.detail}>
      <Deviations all={deviations} speaks={b.speaks} />
      <div className={classes.head}>
        <h3>In ten minutes, by hour of the day (UTC)</h3>
        <SegmentedControl
          size="xs"
          data={measures}
          value={measure}
          onChange={(v) => setMeasure(v as Measure)}
          aria-label="Measure"
        />
      </div>
      <HoursChart baseline={b} measure={measure} deviations={deviations} />
      <ul className={classes.legend}>
        <li data-what="mean">mean</li>
        <li data-what="spread">standard deviation</li>
        <li data-what="limit">told of above</li>
        <li data-what="deviation">was told of</li>
      </ul>
      <Numbers baseline={b} measure={measure} />
      <div className={classes.head}>
        <h3>Sent by day (UTC)</h3>
      </div>
      <DaysChart baseline={b} />
      <p className={classes.quiet}>
        Learned since {utcDay(b.since)} by {b.node}.{' '}
        {!b.speaks && `Nothing is told of before ${utcDay(b.speaks_from)}: two whole weeks come first.`}
      </p>
    </div>
  );
}

function Deviations({ all, speaks }: { all: Deviation[]; speaks: boolean }) {
  if (all.length === 0) return <p className={classes.quiet}>{speaks ? 'Nothing was unusual.' : 'Still learning.'}</p>;
  return (
    <ul className={classes.told} aria-label="What was unusual">
      {all.slice(0, 5).map((d) => (
        <li key={d.id}>
          <SafeText>{d.explanation}</SafeText>{' '}
          <span className={classes.when}>
            <Ago at={d.at} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Numbers({ baseline, measure }: { baseline: EgressBaseline; measure: Measure }) {
  return (
    <details className={classes.numbers}>
      <summary>As a table</summary>
      <table>
        <thead>
          <tr>
            <th>Hour</th>
            <th>Mean</th>
            <th>Deviation</th>
            <th>Told of above</th>
          </tr>
        </thead>
        <tbody>
          {baseline.hours.map((h, hour) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: hours are their numbers
            <tr key={hour}>
              <th scope="row">{String(hour).padStart(2, '0')}</th>
              <td className="num">{amount(measure, h[measure].mean)}</td>
              <td className="num">{amount(measure, h[measure].spread)}</td>
              <td className="num">{amount(measure, h[measure].limit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
