import { evidence, line, plain, type Segment, visible } from '../lib/text';
import classes from './Text.module.css';

function Segments({ parts }: { parts: Segment[] }) {
  let at = 0;
  return parts.map((p) => {
    const key = at;
    at += p.text.length;
    if (p.kind === 'text') return p.text;
    if (p.kind === 'secret') {
      return (
        <mark key={key} className={classes.secret}>
          {p.text}
        </mark>
      );
    }
    return (
      <span key={key} className={classes[p.kind]} title={p.title}>
        {p.text}
      </span>
    );
  });
}

/** Text that came from outside, with control characters made visible. */
export function SafeText({ children, mono = false }: { children: string; mono?: boolean }) {
  return (
    <span className={mono ? 'mono' : undefined} dir="ltr">
      <Segments parts={visible(children)} />
    </span>
  );
}

/** Redacted evidence on one line. */
export function EvidenceLine({ children }: { children: string }) {
  return (
    <span className={classes.line} dir="ltr" title={plain(children)}>
      <Segments parts={evidence(line(children))} />
    </span>
  );
}

/** Redacted evidence in full. */
export function Evidence({ children }: { children: string }) {
  return (
    <section className={classes.block} dir="ltr" aria-label="Redacted evidence" tabIndex={0}>
      <Segments parts={evidence(children)} />
    </section>
  );
}
