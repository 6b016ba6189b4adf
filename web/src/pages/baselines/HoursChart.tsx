import { useElementSize } from '@mantine/hooks';
import type { EgressBaseline } from '../../api/types';
import classes from './Baselines.module.css';
import { type Deviation, hourOf } from './deviations';
import { placeOf, powers, type Scale, scaleOf, short, size } from './scale';

export type Measure = 'bytes' | 'requests';

const height = 240;
const room = { left: 54, right: 8, bottom: 22, top: 10 };
const plot = height - room.top - room.bottom;
const ground: Record<Measure, number> = { bytes: 1000, requests: 1 };

/** A figure of a measure, in words. */
export const amount = (measure: Measure, n: number) => (measure === 'bytes' ? size(n) : `${short(n)} requests`);

type Props = { baseline: EgressBaseline; measure: Measure; deviations: Deviation[] };

/** What is usual by hour of the day, how much more would be told of, and what was. */
export function HoursChart({ baseline, measure, deviations }: Props) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const usual = baseline.hours.map((h) => h[measure]);
  const told = deviations.filter((d) => d.unit === measure && !d.daily);
  const all = [...usual.flatMap((u) => [u.mean + u.spread, u.limit]), ...told.map((d) => d.observed)];
  const scale = scaleOf(all, ground[measure]);
  const step = Math.max(0, width - room.left - room.right) / usual.length;
  const x = (hour: number) => room.left + hour * step;
  const y = (v: number) => room.top + plot * (1 - placeOf(v, scale));
  return (
    <div ref={ref}>
      <svg width="100%" height={height} role="img" aria-label={spoken(baseline, measure, told)}>
        <Lines scale={scale} measure={measure} y={y} />
        {step > 0 && (
          <>
            {usual.map((u, hour) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: hours are their numbers
              <g key={hour}>
                <rect
                  className={classes.spread}
                  x={x(hour) + 1}
                  width={Math.max(1, step - 2)}
                  y={y(u.mean + u.spread)}
                  height={Math.max(0, y(Math.max(0, u.mean - u.spread)) - y(u.mean + u.spread))}
                />
                <line className={classes.mean} x1={x(hour) + 1} x2={x(hour + 1) - 1} y1={y(u.mean)} y2={y(u.mean)} />
                {hour % 3 === 0 && (
                  <text className={classes.tick} x={x(hour)} y={height - 6}>
                    {String(hour).padStart(2, '0')}
                  </text>
                )}
              </g>
            ))}
            <path
              className={classes.limit}
              d={usual.map((u, h) => `${h === 0 ? 'M' : 'L'}${x(h)} ${y(u.limit)}H${x(h + 1)}`).join('')}
            />
            {told.map((d) => (
              <circle key={d.id} className={classes.deviation} cx={x(hourOf(d.at))} cy={y(d.observed)} r={5}>
                <title>{d.explanation}</title>
              </circle>
            ))}
          </>
        )}
      </svg>
    </div>
  );
}

function Lines({ scale, measure, y }: { scale: Scale; measure: Measure; y: (v: number) => number }) {
  return powers(scale).map((p, i) => (
    <g key={p} transform={`translate(0 ${y(p)})`}>
      <line className={classes.line} x1={room.left} x2="100%" data-base={i === 0 || undefined} />
      <text className={classes.tick} x={room.left - 8} dy="0.32em" textAnchor="end">
        {i === 0 ? '0' : measure === 'bytes' ? size(p) : short(p)}
      </text>
    </g>
  ));
}

function spoken(b: EgressBaseline, measure: Measure, told: Deviation[]): string {
  const busiest = b.hours.reduce(
    (best, h, i) => (h[measure].mean > (b.hours[best]?.[measure].mean ?? 0) ? i : best),
    0,
  );
  const most = b.hours[busiest]?.[measure];
  const usual =
    most === undefined || most.mean === 0
      ? 'Nothing is usual yet'
      : `Busiest at ${busiest} o'clock UTC: ${amount(measure, most.mean)} ± ${amount(measure, most.spread)} in ten minutes, told of above ${amount(measure, most.limit)}`;
  return `${usual}. ${told.length === 0 ? 'Nothing was unusual.' : told.map((d) => d.explanation).join('; ')}`;
}
