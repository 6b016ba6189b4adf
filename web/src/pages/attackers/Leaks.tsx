import { Repeat } from 'lucide-react';
import { useState } from 'react';
import type { AttackerDetail } from '../../api/types';
import { SafeText } from '../../components/Text';
import { count } from '../../lib/format';
import classes from './Attackers.module.css';
import { cut } from './leaks';

type Props = { sample: AttackerDetail['ip_leaks']; total: number; rotation: boolean };

/** Addresses that the attacker's own requests named as theirs, or the news that they are too many to mean anybody. */
export function Leaks({ sample, total, rotation }: Props) {
  const [all, setAll] = useState(false);
  if (total === 0) return <span className={classes.note}>none</span>;
  const { shown, more, beyond } = cut(sample, total);
  return (
    <div>
      {rotation && (
        <p className={classes.rotation}>
          <strong>
            <Repeat size={13} aria-hidden="true" /> ROTATION · {count(total)}
          </strong>
          So many that they are a list somebody works through: they give nobody away.
        </p>
      )}
      <ul className={classes.leaks}>
        {(all ? sample : shown).map((l) => (
          <li key={l.address}>
            <SafeText mono>{l.address}</SafeText>{' '}
            <span className={classes.note}>by {<SafeText>{l.header}</SafeText>}</span>
          </li>
        ))}
      </ul>
      <span className={classes.note}>
        {more > 0 && !all && (
          <button type="button" className={classes.more} onClick={() => setAll(true)}>
            + {more} more
          </button>
        )}
        {beyond > 0 && ` (+${count(beyond)} beyond sample)`}
      </span>
    </div>
  );
}
