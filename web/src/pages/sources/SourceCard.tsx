import { Eye, Hand, TriangleAlert } from 'lucide-react';
import { Link } from 'wouter';
import type { Source } from '../../api/types';
import { CopyButton } from '../../components/Copy';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { count, plural } from '../../lib/format';
import { plain } from '../../lib/text';
import classes from './Sources.module.css';

const does = {
  observes: { icon: Eye, text: 'Observes: finds and reports what is already written' },
  withholds: { icon: Hand, text: 'Withholds: stops a message before it spreads' },
};

export function SourceCard({ source: s }: { source: Source }) {
  const act = does[s.detects] ?? does.observes;
  return (
    <li className={classes.card} data-state={s.damaged && s.state !== 'failing' ? 'damaged' : s.state}>
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
      {s.damaged && (
        <p className={classes.damaged}>
          <TriangleAlert size={14} aria-hidden="true" />
          <span>
            <strong>
              {s.not_scanned > 0 ? `${plural(s.not_scanned, 'entry', 'entries')} damaged.` : 'A part is damaged.'}
            </strong>{' '}
            Not read, or not what was signed; the rest is watched.
          </span>
        </p>
      )}
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
      <Types types={s.message_types} />
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

// Which messages are scanned, where a filter leaves some out.
function Types({ types: t }: { types: Source['message_types'] }) {
  if (t.include.length === 0 && t.exclude.length === 0) return null;
  return (
    <div className={classes.types}>
      {t.include.length > 0 && <Names word="Only" names={t.include} />}
      {t.exclude.length > 0 && <Names word="Not" names={t.exclude} />}
    </div>
  );
}

function Names({ word, names }: { word: string; names: string[] }) {
  return (
    <span>
      {word}{' '}
      {names.map((n) => (
        <code key={n}>{plain(n)}</code>
      ))}
    </span>
  );
}
