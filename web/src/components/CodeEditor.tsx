import { type Ref, useImperativeHandle, useRef, useState } from 'react';
import classes from './CodeEditor.module.css';

export type Mark = { line: number; tone: 'bad' | 'warn' };
export type CodeHandle = { goTo: (line: number) => void };

type Props = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  readOnly?: boolean;
  marks?: Mark[];
  /** Id of the element that says what the marks mean. */
  describedBy?: string;
  ref?: Ref<CodeHandle>;
};

const lineHeight = 20; // as in the style sheet
const padding = 8;
const least = 12; // lines that are shown at once
const most = 30;

/** A text of lines with their numbers, some of them marked. Tab leaves it, as it does every other field. */
export function CodeEditor({ label, value, onChange, readOnly = false, marks = [], describedBy, ref }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [top, setTop] = useState(0);
  useImperativeHandle(ref, () => ({ goTo: (line) => goTo(area.current, line) }), []);
  const lines = value.split('\n').length;
  const shown = Math.min(Math.max(lines + 1, least), most);
  const tones = new Map(marks.map((m) => [m.line, m.tone]));
  const first = Math.floor(top / lineHeight);
  const visible = Array.from({ length: Math.min(shown + 2, lines - first) }, (_, i) => first + i + 1);
  const at = (line: number) => ({ top: padding + (line - 1) * lineHeight - top });
  return (
    <div className={classes.frame} data-readonly={readOnly || undefined} style={{ height: shown * lineHeight + 20 }}>
      <div className={classes.gutter} aria-hidden="true" style={{ width: `${String(lines).length + 3}ch` }}>
        {visible.map((n) => (
          <div key={n} className={classes.number} data-tone={tones.get(n)} style={at(n)}>
            {n}
          </div>
        ))}
      </div>
      <div className={classes.page}>
        {visible
          .filter((n) => tones.has(n))
          .map((n) => (
            <div key={n} className={classes.stripe} data-tone={tones.get(n)} style={at(n)} />
          ))}
        <textarea
          ref={area}
          className={classes.text}
          aria-label={label}
          aria-invalid={marks.some((m) => m.tone === 'bad') || undefined}
          aria-describedby={describedBy}
          wrap="off"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          readOnly={readOnly}
          value={value}
          onChange={(e) => onChange(e.currentTarget.value)}
          onScroll={(e) => setTop(e.currentTarget.scrollTop)}
        />
      </div>
    </div>
  );
}

/** Puts the cursor into a line, selects the line and brings it into sight. */
function goTo(area: HTMLTextAreaElement | null, line: number) {
  if (area === null) return;
  const lines = area.value.split('\n');
  const from = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0);
  area.focus();
  area.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
  area.scrollTop = Math.max(0, (line - 4) * lineHeight);
}
