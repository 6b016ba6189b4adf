import type { EgressBaseline } from '../../api/types';
import { utcDay } from '../../lib/format';
import classes from './Baselines.module.css';
import { size } from './scale';

/** What was sent in the last days, beside what would be too much for one. */
export function DaysChart({ baseline: b }: { baseline: EgressBaseline }) {
  const days = [...b.days, { day: b.until.slice(0, 10), bytes: b.today }];
  const top = Math.max(b.day_limit, ...days.map((d) => d.bytes), 1);
  const at = (bytes: number) => `${(100 * bytes) / top}%`;
  return (
    <div className={classes.days}>
      <div className={classes.dayLimit} style={{ bottom: at(b.day_limit) }}>
        <span>told of above {size(b.day_limit)}</span>
      </div>
      <ol aria-label="Sent by day">
        {days.map((d, i) => (
          <li key={d.day} title={`${utcDay(`${d.day}T12:00:00Z`)}: ${size(d.bytes)}`}>
            <span className="sr-only">
              {utcDay(`${d.day}T12:00:00Z`)}
              {i === days.length - 1 && ', not over'}: {size(d.bytes)}
            </span>
            <i style={{ height: at(d.bytes) }} data-over={d.bytes > b.day_limit || undefined} />
          </li>
        ))}
      </ol>
    </div>
  );
}
