import type { Finding } from '../../api/types';
import { SeverityMark } from '../../components/Severity';
import { EvidenceLine, SafeText } from '../../components/Text';
import classes from './Quarantine.module.css';

export function EntryFindings({ findings }: { findings: Finding[] }) {
  if (findings.length === 0) return <p className={classes.hint}>None is stored with this entry.</p>;
  return (
    <ul className={classes.findings}>
      {findings.map((f) => (
        <li key={f.id}>
          <div className={classes.finding}>
            <SeverityMark severity={f.severity} />
            <SafeText mono>{f.rule}</SafeText>
            <span className={classes.index}>
              in <SafeText mono>{f.field || 'the raw bytes'}</SafeText>
              {f.decoders.length > 0 && <>, behind {f.decoders.join(' → ')}</>}
            </span>
          </div>
          <EvidenceLine>{f.redacted}</EvidenceLine>
        </li>
      ))}
    </ul>
  );
}
