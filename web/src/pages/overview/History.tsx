import { BarChart } from '@mantine/charts';
import { useMemo } from 'react';
import type { Bucket } from '../../api/types';
import { SeverityMark, severities } from '../../components/Severity';
import { useNow } from '../../lib/useNow';
import { type Bar, bars } from './buckets';
import classes from './Overview.module.css';

const series = [
  { name: 'critical', color: 'var(--sev-critical-fill)' },
  { name: 'high', color: 'var(--sev-high-fill)' },
  { name: 'medium', color: 'var(--sev-medium-fill)' },
  { name: 'low', color: 'var(--sev-low-fill)' },
];

/** Catches over time, stacked by severity; the same numbers as a table for screen readers. */
export default function History({ buckets, from, width }: { buckets: Bucket[]; from: string; width: number }) {
  const now = Math.floor(useNow() / 60_000) * 60_000;
  const data = useMemo(() => bars(buckets, from, width, now), [buckets, from, width, now]);
  return (
    <figure style={{ margin: 0 }} aria-label="Quarantined entries over time by severity">
      <div aria-hidden="true">
        <BarChart
          h={340}
          data={data}
          dataKey="label"
          type="stacked"
          series={series}
          gridAxis="x"
          tickLine="none"
          gridColor="var(--line)"
          textColor="var(--ink-3)"
          strokeDasharray="0"
          barProps={{ isAnimationActive: false, stroke: 'var(--surface)', strokeWidth: 1 }}
          barChartProps={{ accessibilityLayer: false, margin: { top: 6, right: 4, left: -18, bottom: 0 } }}
          yAxisProps={{ allowDecimals: false, width: 48 }}
          xAxisProps={{ interval: 'preserveStartEnd', minTickGap: 28 }}
          tooltipAnimationDuration={0}
        />
      </div>
      <figcaption>
        <ul className={classes.legend}>
          {severities.map((s) => (
            <li key={s}>
              <SeverityMark severity={s} />
              {s}
            </li>
          ))}
        </ul>
      </figcaption>
      <Numbers data={data} />
    </figure>
  );
}

function Numbers({ data }: { data: Bar[] }) {
  const filled = data.filter((b) => severities.some((s) => b[s] > 0));
  return (
    <div className="sr-only">
      <table>
        <caption>Quarantined entries by time and severity; times without any are left out</caption>
        <thead>
          <tr>
            <th>From</th>
            {severities.map((s) => (
              <th key={s}>{s}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {filled.map((b) => (
            <tr key={b.start}>
              <th>{b.label}</th>
              {severities.map((s) => (
                <td key={s}>{b[s]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
