import { Eye, Hand } from 'lucide-react';
import { Link } from 'wouter';
import type { Source } from '../../api/types';
import { CopyButton } from '../../components/Copy';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { count } from '../../lib/format';
import classes from './Sources.module.css';

const does = {
  observes: { icon: Eye, text: 'Observes: finds and reports what is already written' },
  withholds: { icon: Hand, text: 'Withholds: stops a message before it spreads' },
};

export function SourceCard({ source: s }: { source: Source }) {
  const act = does[s.detects] ?? does.observes;
  return (
    <li className={classes.card} data-state={s.state}>
      <header className={classes.head}>
        <h2 className={classes.name}>
          <SafeText>{s.id}</SafeText>
        </h2>
        <span className={classes.kind}>{s.kind}</span>
        <StateTag state={s.state} />
      </header>
      <div className={classes.path}>
        <SafeText mono>{s.path}</SafeText>
        {s.path !== '' && <CopyButton value={s.path} label="path" />}
      </div>
      {s.detail !== '' && (
        <p className={classes.detail}>
          <SafeText>{s.detail}</SafeText>
        </p>
      )}
      <Progress source={s} />
      <dl className={classes.numbers}>
        <Fact name="Position" value={s.position} />
        <Fact name="Lag" value={s.lag} />
        <Fact name="Messages" value={s.messages} />
        <Fact name="Secrets" value={s.secrets} href={`/quarantine?source=${encodeURIComponent(s.id)}`} />
      </dl>
      <footer className={classes.foot}>
        <span className={classes.does}>
          <act.icon size={14} aria-hidden="true" /> {act.text}
        </span>
        <span>
          since <Ago at={s.since} />
        </span>
      </footer>
    </li>
  );
}

function Fact({ name, value, href }: { name: string; value: number | null; href?: string }) {
  const text = value === null ? '–' : count(value);
  return (
    <div>
      <dt>{name}</dt>
      <dd className="num">{href !== undefined && value !== 0 ? <Link href={href}>{text}</Link> : text}</dd>
    </div>
  );
}

function Progress({ source: s }: { source: Source }) {
  if (s.state !== 'catching_up' || s.position === null || s.lag === null) return null;
  const total = s.position + s.lag;
  return (
    <progress className={classes.progress} max={total || 1} value={s.position} aria-label={`${s.id} catching up`} />
  );
}
