import { TriangleAlert } from 'lucide-react';
import type { Source } from '../../api/types';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { count } from '../../lib/format';
import classes from './Overview.module.css';

export function SourceTable({ sources }: { sources: Source[] }) {
  return (
    <section className={classes.tableWrap} aria-label="Sources, scrolls sideways" tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>Source</th>
            <th>State</th>
            <th>Kind</th>
            <th data-num>Position</th>
            <th data-num>Lag</th>
            <th data-num>Messages</th>
            <th data-num>Secrets</th>
          </tr>
        </thead>
        <tbody>
          {sources.map((s) => (
            <Row key={s.id} source={s} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ source: s }: { source: Source }) {
  return (
    <tr>
      <td>
        <strong>
          <SafeText>{s.id}</SafeText>
        </strong>
      </td>
      <td>
        <StateTag state={s.state} />
        {s.damaged && <Damaged />}
      </td>
      <td>{s.kind}</td>
      <td data-num className="num">
        {orDash(s.position)}
      </td>
      <td data-num className="num">
        {orDash(s.lag)}
      </td>
      <td data-num className="num">
        {count(s.messages)}
      </td>
      <td data-num className="num">
        {count(s.secrets)}
      </td>
    </tr>
  );
}

function Damaged() {
  return (
    <span className={classes.damaged} title="A part of it could not be read or did not verify">
      <TriangleAlert size={14} aria-hidden="true" /> damaged
    </span>
  );
}

const orDash = (n: number | null) => (n === null ? '–' : count(n));
