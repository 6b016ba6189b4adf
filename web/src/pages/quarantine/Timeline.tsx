import type { TimelineEntry } from '../../api/types';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import classes from './Quarantine.module.css';

const words: Record<string, string> = {
  detected: 'Found in the message',
  quarantined: 'Put into quarantine',
  reviewed: 'Reviewed',
};

export function Timeline({ entries }: { entries: TimelineEntry[] }) {
  return (
    <ol className={classes.timeline}>
      {entries.map((t) => (
        <li key={`${t.time} ${t.what}`}>
          <span className={classes.when}>
            <Stamp at={t.time} />
          </span>
          <span>
            {words[t.what] ?? t.what}
            {t.who && (
              <>
                {' '}
                by <SafeText>{t.who}</SafeText>
              </>
            )}
          </span>
          {t.detail && (
            <span className={classes.detail}>
              <SafeText>{t.detail}</SafeText>
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}
