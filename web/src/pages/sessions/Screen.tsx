import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef } from 'react';
import classes from './Replay.module.css';
import type { Frame, Recording } from './record';

type Props = { recording: Recording; shown: number };
type Painter = { terminal: Terminal; recording: Recording; painted: number; wanted: number; busy: boolean };

const nothing: Recording = { cols: 80, rows: 24, began: null, frames: [] };

/**
 * The terminal as it was after so many frames. It only draws: keys do not reach
 * it, what it would answer goes nowhere, and its links lead nowhere.
 */
export default function Screen({ recording, shown }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const painter = useRef<Painter | null>(null);
  const { cols, rows } = recording;

  useEffect(() => {
    const host = place.current;
    if (host === null) return;
    const terminal = open(host, cols, rows);
    painter.current = { terminal, recording: nothing, painted: 0, wanted: 0, busy: false };
    return () => {
      painter.current = null;
      terminal.dispose();
    };
  }, [cols, rows]);

  useEffect(() => {
    if (painter.current === null) return;
    painter.current.recording = recording;
    painter.current.wanted = shown;
    paint(painter.current);
  }, [recording, shown]);

  return (
    <section className={classes.screen} aria-label="The recorded terminal" dir="ltr">
      <div ref={place} />
    </section>
  );
}

function open(host: HTMLElement, cols: number, rows: number): Terminal {
  const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const terminal = new Terminal({
    cols,
    rows,
    disableStdin: true,
    scrollback: 1_000,
    fontFamily: '"Plex Mono", monospace',
    fontSize: fitting(host.clientWidth, cols),
    minimumContrastRatio: 4.5,
    linkHandler: { activate: () => {} },
    theme: { background: colour('--nav'), foreground: colour('--nav-ink'), cursor: colour('--nav-ink-2') },
  });
  terminal.attachCustomKeyEventHandler(() => false);
  terminal.open(host);
  if (terminal.textarea) terminal.textarea.tabIndex = -1;
  return terminal;
}

// A character of the font is 0.6 as wide as it is high.
const fitting = (width: number, cols: number) => Math.max(8, Math.min(14, Math.floor((width - 16) / (cols * 0.6))));

// Paints up to the frame that is wanted, one stretch at a time: the terminal works
// off what it is given later, and what is wanted may change meanwhile. Going back
// means drawing from the beginning, for a terminal cannot undo.
function paint(p: Painter): void {
  if (p.busy || p.painted === p.wanted) return;
  const { cols, rows, frames } = p.recording;
  if (p.wanted < p.painted) {
    draw(p.terminal, { at: 0, kind: 'output', text: fullReset });
    draw(p.terminal, { at: 0, kind: 'size', cols, rows });
    p.painted = 0;
  }
  for (const frame of frames.slice(p.painted, p.wanted)) draw(p.terminal, frame);
  p.painted = p.wanted;
  p.busy = true;
  p.terminal.write('', () => {
    p.busy = false;
    paint(p);
  });
}

const fullReset = '\u001bc'; // RIS, ISO 6429

function draw(terminal: Terminal, frame: Frame): void {
  if (frame.kind === 'output') terminal.write(frame.text);
  else terminal.write('', () => terminal.resize(frame.cols, frame.rows));
}
