import { Link } from 'wouter';
import type { AuditRecord } from '../../api/types';
import { CopyButton } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { Panel } from '../../components/Page';
import { type Position, SidePane } from '../../components/Split';
import { Notice } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { count, middle } from '../../lib/format';
import { Actor, kindOf } from './Actor';
import classes from './Audit.module.css';
import { type Change, diff } from './diff';

type Props = {
  record: AuditRecord | undefined;
  position: Position | undefined;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
};

export function RecordPane({ record: r, ...pane }: Props) {
  return (
    <SidePane label="Record" noun="record" title={r && <SafeText>{r.action}</SafeText>} {...pane}>
      {r === undefined ? <NotLoaded /> : <Body record={r} />}
    </SidePane>
  );
}

function NotLoaded() {
  return (
    <Notice title="Not in the list">
      <p>This record is further down than what is loaded, or the filter hides it. Load more, or clear the filter.</p>
    </Notice>
  );
}

function Body({ record: r }: { record: AuditRecord }) {
  return (
    <>
      {r.reason !== '' && (
        <blockquote className={classes.reason}>
          <SafeText>{r.reason}</SafeText>
        </blockquote>
      )}
      <Panel title="What changed" flush>
        <Changes all={diff(r.before, r.after)} />
      </Panel>
      <Panel title="Facts">
        <RecordFacts record={r} />
      </Panel>
    </>
  );
}

function Changes({ all }: { all: Change[] }) {
  const same = all.filter((c) => c.kind === 'same');
  const other = all.filter((c) => c.kind !== 'same');
  if (all.length === 0) return <p className={classes.none}>Nothing is kept about the object itself.</p>;
  return (
    <>
      {other.length === 0 && <p className={classes.none}>No field changed.</p>}
      {other.length > 0 && <ChangeList changes={other} />}
      {same.length > 0 && (
        <details className={classes.same}>
          <summary>{same.length} unchanged</summary>
          <ChangeList changes={same} />
        </details>
      )}
    </>
  );
}

function ChangeList({ changes }: { changes: Change[] }) {
  return (
    <ul className={classes.changes}>
      {changes.map((c) => (
        <li key={c.path}>
          <span className={classes.field}>
            <SafeText mono>{c.path === '' ? 'value' : c.path}</SafeText>
            {c.kind !== 'changed' && c.kind !== 'same' && <span className={classes.kind}>{c.kind}</span>}
          </span>
          {c.before !== undefined && c.kind !== 'same' && (
            <del className={classes.before}>
              <span className="sr-only">before: </span>
              <SafeText mono>{c.before}</SafeText>
            </del>
          )}
          {c.after !== undefined && (
            <ins className={c.kind === 'same' ? classes.plain : classes.after}>
              {c.kind !== 'same' && <span className="sr-only">after: </span>}
              <SafeText mono>{c.after}</SafeText>
            </ins>
          )}
        </li>
      ))}
    </ul>
  );
}

function RecordFacts({ record: r }: { record: AuditRecord }) {
  return (
    <Facts
      items={[
        ['Time', <Stamp key="t" at={r.time} />],
        ['Actor', <Actor key="a" actor={r.actor} />],
        ['Known as', `${kindOf(r.actor.kind)}${r.actor.role === '' ? '' : `, ${r.actor.role}`}`],
        ['Address', r.actor.addr === '' ? 'this machine' : r.actor.addr],
        ['Target', r.target === '' ? null : <Target key="o" record={r} />],
        ['Number', count(r.seq)],
        ['Hash', <Long key="h" value={r.hash} label="hash" />],
        ['Record', <Long key="i" value={r.id} label="record id" />],
      ]}
    />
  );
}

const entry = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function Target({ record: r }: { record: AuditRecord }) {
  const leads = r.action.startsWith('quarantine.') && entry.test(r.target);
  return leads ? (
    <Link href={`/quarantine/${r.target}`}>{middle(r.target, 13, 6)}</Link>
  ) : (
    <SafeText>{r.target}</SafeText>
  );
}

function Long({ value, label }: { value: string; label: string }) {
  return (
    <>
      <code title={value}>{middle(value, 16, 6)}</code>
      <CopyButton value={value} label={label} />
    </>
  );
}
