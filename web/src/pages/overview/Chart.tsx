import { useElementSize } from '@mantine/hooks';
import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { SeverityMark, severities } from '../../components/Severity';
import { compact, count } from '../../lib/format';
import { type Bar, labelled, ticks, total } from './buckets';
import classes from './Chart.module.css';

const height = 362;
const room = { left: 42, bottom: 24, top: 8 };
const plot = height - room.top - room.bottom;

/**
 * Bars stacked by severity, worst at the bottom, where heights compare best.
 * Pointer and arrow keys pick a bar, whose numbers are shown and spoken.
 */
export function Chart({ data }: { data: Bar[] }) {
  const { ref, width } = useElementSize<HTMLElement>();
  const [picked, setPicked] = useState<number | null>(null);
  const scale = ticks(Math.max(...data.map(total)));
  const top = scale.at(-1) ?? 1;
  const step = Math.max(0, width - room.left) / data.length;
  const pick = (i: number) => setPicked(Math.min(data.length - 1, Math.max(0, i)));
  const onKeyDown = (e: KeyboardEvent) => {
    const to = target(e.key, picked, data.length);
    if (to === undefined) return;
    e.preventDefault();
    setPicked(to);
  };
  const onPointer = (e: PointerEvent<HTMLElement>) => {
    const x = e.clientX - e.currentTarget.getBoundingClientRect().left - room.left;
    if (x >= 0 && step > 0) pick(Math.floor(x / step));
  };
  const bar = picked === null ? undefined : data[picked];
  return (
    <section
      ref={ref}
      className={classes.chart}
      tabIndex={0}
      aria-label="Chart. The arrow keys go from bar to bar."
      onKeyDown={onKeyDown}
      onPointerMove={onPointer}
      onPointerDown={onPointer}
      onPointerLeave={() => setPicked(null)}
      onBlur={() => setPicked(null)}
    >
      <svg width="100%" height={height} aria-hidden="true" focusable="false">
        {scale.map((t) => (
          <g key={t} transform={`translate(0 ${y(t, top)})`}>
            <line className={classes.line} x1={room.left} x2="100%" data-base={t === 0 || undefined} />
            <text className={classes.tick} x={room.left - 8} dy="0.32em" textAnchor="end">
              {compact(t)}
            </text>
          </g>
        ))}
        {step > 0 && (
          <>
            {picked !== null && (
              <rect className={classes.band} x={room.left + picked * step} width={step} y={room.top} height={plot} />
            )}
            {data.map((b, i) => (
              <Stack key={b.start} bar={b} x={room.left + i * step} step={step} top={top} />
            ))}
            {labelled(data, step, 64).map((i) => (
              <Tick key={i} text={data[i]?.tick ?? ''} x={room.left + i * step} width={width} />
            ))}
          </>
        )}
      </svg>
      {bar !== undefined && picked !== null && <Tip bar={bar} at={(room.left + (picked + 0.5) * step) / width} />}
      <div className="sr-only" role="status">
        {bar !== undefined && spoken(bar)}
      </div>
    </section>
  );
}

// Where a key leads; undefined when it is not for the chart.
function target(key: string, from: number | null, n: number): number | null | undefined {
  if (key === 'Home') return 0;
  if (key === 'End') return n - 1;
  if (key === 'Escape') return null;
  if (key === 'ArrowLeft') return from === null ? n - 1 : Math.max(0, from - 1);
  if (key === 'ArrowRight') return from === null ? 0 : Math.min(n - 1, from + 1);
  return undefined;
}

const y = (value: number, top: number) => room.top + plot * (1 - value / top);

// A label begins at its bar; the last one may have to end at the edge instead.
function Tick({ text, x, width }: { text: string; x: number; width: number }) {
  const late = x > width - 46;
  return (
    <text className={classes.tick} x={late ? width : x} y={height - 6} textAnchor={late ? 'end' : 'start'}>
      {text}
    </text>
  );
}

type StackProps = { bar: Bar; x: number; step: number; top: number };

function Stack({ bar, x, step, top }: StackProps) {
  const gap = step > 12 ? 3 : step > 4 ? 1 : 0;
  let below = 0;
  return severities.map((s) => {
    if (bar[s] === 0) return null;
    const from = y(below, top);
    below += bar[s];
    // A hairline between parts; a single one among thousands still shows.
    const h = Math.max(1.5, from - y(below, top) - 1);
    return (
      <rect
        key={s}
        className={classes.bar}
        data-severity={s}
        x={x + gap / 2}
        width={step - gap}
        y={from - h}
        height={h}
      />
    );
  });
}

function Tip({ bar, at }: { bar: Bar; at: number }) {
  const side = at < 0.5 ? { left: `calc(${at * 100}% + 14px)` } : { right: `calc(${(1 - at) * 100}% + 14px)` };
  return (
    <div className={classes.tip} style={side} aria-hidden="true">
      <div className={classes.when}>{bar.label}</div>
      {severities.map((s) => (
        <div key={s} className={classes.row} data-none={bar[s] === 0 || undefined}>
          <SeverityMark severity={s} />
          {s}
          <span className="num">{count(bar[s])}</span>
        </div>
      ))}
    </div>
  );
}

function spoken(b: Bar): string {
  const parts = severities.filter((s) => b[s] > 0).map((s) => `${b[s]} ${s}`);
  return `${b.label}: ${parts.length === 0 ? 'none' : parts.join(', ')}`;
}
