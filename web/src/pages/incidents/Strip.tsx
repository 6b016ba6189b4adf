import { useElementSize } from '@mantine/hooks';
import type { IncidentEntry } from '../../api/types';
import { stamp } from '../../lib/format';
import { plain } from '../../lib/text';
import { lanesOf, type Mark, spanOf } from './lanes';
import classes from './Strip.module.css';

const row = 24;
const room = { left: 84, right: 10 };

/** When what was seen, by whom: a picture of the timeline, whose lines stand below for those who read. */
export function Strip({ entries }: { entries: IncidentEntry[] }) {
  const { ref, width } = useElementSize();
  const lanes = lanesOf(entries);
  if (lanes === null) return null;
  const plot = Math.max(0, width - room.left - room.right);
  return (
    <div ref={ref} className={classes.strip} aria-hidden="true">
      <svg width="100%" height={lanes.length * row} aria-hidden="true" focusable="false">
        {lanes.map((lane, k) => (
          <g key={lane.name} transform={`translate(0 ${(k + 0.5) * row})`}>
            <text className={classes.name} dy="0.32em">
              {lane.name}
            </text>
            <line className={classes.line} x1={room.left} x2={room.left + plot} />
            {width > 0 &&
              lane.marks.map((m) => (
                <g key={m.entry.id} transform={`translate(${room.left + m.at * plot} 0)`}>
                  <Shape mark={m} />
                </g>
              ))}
          </g>
        ))}
      </svg>
      <p className={classes.ends}>
        <span>{stamp(entries.at(-1)?.at ?? '')}</span>
        <span>{spanOf(entries)}</span>
        <span>{stamp(entries[0]?.at ?? '')}</span>
      </p>
    </div>
  );
}

/** A disc was seen, a square was stopped, a diamond was done by somebody. */
function Shape({ mark: { entry: e } }: { mark: Mark }) {
  const shape = { className: classes.mark, 'data-severity': e.kind === 'human' ? undefined : e.severity };
  return (
    <>
      {e.kind === 'detection' && <circle {...shape} r={5} />}
      {e.kind === 'response' && <rect {...shape} x={-5} y={-5} width={10} height={10} />}
      {e.kind === 'human' && <rect {...shape} x={-4.5} y={-4.5} width={9} height={9} transform="rotate(45)" />}
      <title>{plain(`${stamp(e.at)} · ${e.words}`)}</title>
    </>
  );
}
