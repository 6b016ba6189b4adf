import { useElementSize } from '@mantine/hooks';
import type { AnomalyTry, AnomalyTryOutcome } from '../../api/types';
import { compact, count, dayLabel, hourLabel, plural, stamp } from '../../lib/format';
import classes from './AnomalyRules.module.css';
import { lanes, measureOf, placeOf, spoken } from './replay';

const plot = 130;
const top = 10;
const left = 40;
const lane = 9;
const mostLanes = 6;

type Props = { result: AnomalyTry; outcome: AnomalyTryOutcome };

/** How much the worst key had over time, the line from which on an anomaly opens, and those that would have. */
export function ReplayChart({ result, outcome: o }: Props) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const { from } = result;
  // A stretch of records that all came at once still has a length.
  const end = Math.max(new Date(result.to).getTime(), new Date(from).getTime() + o.bucket_seconds * 1000);
  const to = new Date(end).toISOString();
  const room = Math.max(0, width - left - 4);
  const x = (at: string) => left + room * placeOf(at, from, to);
  const most = Math.max(o.threshold * 1.25, ...o.buckets.map((b) => b.peak));
  const y = (n: number) => top + plot * (1 - n / most);
  const step = (room * o.bucket_seconds * 1000) / (end - new Date(from).getTime());
  const bars = o.episodes.map((e, i) => ({
    e,
    i,
    from: x(e.opened_at),
    to: Math.max(x(e.opened_at) + 5, x(e.closed_at ?? to)),
  }));
  const { laid, left: more } = lanes(bars, mostLanes);
  const rows = laid.reduce((n, b) => Math.max(n, b.lane + 1), 0);
  const height = top + plot + 10 + rows * lane + 20;
  return (
    <div ref={ref} className={classes.chart}>
      <svg width="100%" height={height} role="img" aria-label={spoken(result, o)}>
        <line className={classes.base} x1={left} x2="100%" y1={y(0)} y2={y(0)} />
        <text className={classes.tick} x={left - 6} y={y(0)} textAnchor="end">
          0
        </text>
        {room > 0 &&
          o.buckets
            .filter((b) => b.peak > 0)
            .map((b) => (
              <rect
                key={b.at}
                className={classes.peak}
                data-over={b.peak >= o.threshold || undefined}
                x={x(b.at)}
                width={Math.max(1.5, step - 1)}
                y={y(b.peak)}
                height={Math.max(1.5, y(0) - y(b.peak))}
              >
                <title>{`${stamp(b.at)}: ${plural(b.matched, 'record')}, at most ${count(b.peak)} ${measureOf(o)}`}</title>
              </rect>
            ))}
        <line className={classes.limit} x1={left} x2="100%" y1={y(o.threshold)} y2={y(o.threshold)} />
        <text className={classes.limitText} x={left - 6} y={y(o.threshold)} dy="0.32em" textAnchor="end">
          {compact(o.threshold)}
        </text>
        {room > 0 &&
          laid.map((b) => (
            <rect
              key={b.i}
              className={classes.episode}
              data-open={b.e.closed_at === null || undefined}
              x={b.from}
              width={b.to - b.from}
              y={top + plot + 8 + b.lane * lane}
              height={lane - 3}
              rx={2}
            >
              <title>{`${b.e.key}: ${stamp(b.e.opened_at)} to ${b.e.closed_at === null ? 'the end' : stamp(b.e.closed_at)}`}</title>
            </rect>
          ))}
        <text className={classes.tick} x={left} y={height - 4}>
          {label(from, from, to)}
        </text>
        <text className={classes.tick} x="100%" y={height - 4} textAnchor="end">
          {label(to, from, to)}
        </text>
      </svg>
      <p className={classes.legend}>
        <span>
          <i className={classes.swatch} data-what="peak" /> most {measureOf(o)}
        </span>
        <span>
          <i className={classes.swatch} data-what="limit" /> {count(o.threshold)}: too much
        </span>
        <span>
          <i className={classes.swatch} data-what="episode" /> an anomaly
          {more > 0 && `; ${count(more)} more are not drawn`}
        </span>
      </p>
    </div>
  );
}

// A stretch of more than a day wants the day, too.
function label(at: string, from: string, to: string): string {
  const long = new Date(to).getTime() - new Date(from).getTime() > 20 * 3_600_000;
  return long ? `${dayLabel(at)}, ${hourLabel(at)}` : hourLabel(at);
}
