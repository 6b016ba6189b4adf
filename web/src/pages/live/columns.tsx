import frame from '../../components/ListPage.module.css';
import { SeverityMark, SeverityTag } from '../../components/Severity';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import type { Column } from '../../components/VirtualTable';
import { lookOf } from '../sessions/deeds';
import type { Row } from './feed';
import classes from './Live.module.css';

export const columns: Column<Row>[] = [
  { name: 'When', width: '142px', cell: (r) => <Stamp at={r.at} /> },
  { name: 'Severity', width: '84px', cell: (r) => <SeverityTag severity={r.severity} /> },
  { name: 'From', width: 'minmax(110px, 0.7fr)', cell: (r) => <SafeText mono>{r.address}</SafeText> },
  { name: 'Did', width: '178px', cell: (r) => <What row={r} /> },
  { name: 'In words, redacted', width: 'minmax(160px, 2fr)', cell: (r) => <SafeText mono>{r.words}</SafeText> },
  { name: 'Decky', width: 'minmax(80px, 0.5fr)', cell: (r) => <SafeText>{r.decky}</SafeText> },
  { name: 'Service', width: '80px', cell: (r) => <SafeText>{r.service}</SafeText> },
];

/** What a client did, by an icon and a word. */
export function What({ row: r }: { row: Row }) {
  const { icon: Icon, word } = lookOf(r.type);
  return (
    <span className={classes.what}>
      <Icon size={15} aria-hidden="true" />
      <SafeText>{word}</SafeText>
    </span>
  );
}

/** A row where there is no room for columns. */
export function Card({ row: r }: { row: Row }) {
  return (
    <div className={frame.card}>
      <div className={frame.line}>
        <SeverityMark severity={r.severity} />
        <span className="sr-only">{r.severity}</span>
        <What row={r} />
        <span className={frame.grow}>
          <SafeText mono>{r.words}</SafeText>
        </span>
      </div>
      <div className={frame.line}>
        <span className={frame.grow}>
          <SafeText mono>{r.address}</SafeText> on <SafeText>{r.decky}</SafeText>, <SafeText>{r.service}</SafeText>
        </span>
        <Stamp at={r.at} />
      </div>
    </div>
  );
}
