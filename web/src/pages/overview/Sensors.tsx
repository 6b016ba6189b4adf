import { Activity, ArrowUpRight, Server, ShieldAlert } from 'lucide-react';
import { Link } from 'wouter';
import { useAnomalies } from '../../api/anomalies';
import { useDeckies, useDeckySessions } from '../../api/deception';
import { isOff, useEgress, useEgressToday } from '../../api/egress';
import type { Overview } from '../../api/types';
import { SeverityMark, severities } from '../../components/Severity';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { count } from '../../lib/format';
import { useNow } from '../../lib/useNow';
import { SensorCard } from './SensorCard';
import classes from './Sensors.module.css';
import { atLeast, bySeverity, recent } from './sensors';

/** The four sensors side by side: what each has for whoever looks now. */
export function Sensors({ overview }: { overview: Overview }) {
  return (
    <div className={classes.sensors}>
      <Leak overview={overview} />
      <Egress />
      <Deception />
      <Anomaly />
    </div>
  );
}

function Leak({ overview }: { overview: Overview }) {
  const waiting = Object.values(overview.unreviewed).reduce((a, b) => a + b, 0);
  return (
    <SensorCard
      name="Leak"
      icon={ShieldAlert}
      href="/quarantine?reviewed=false"
      value={count(waiting)}
      label="to review"
      waiting={waiting > 0}
    >
      <ul className={classes.split} aria-label="To review, by severity">
        {severities
          .filter((s) => overview.unreviewed[s] > 0)
          .map((s) => (
            <li key={s}>
              <Link href={`/quarantine?reviewed=false&severity=${s}`}>
                <SeverityMark severity={s} /> {s} <span className="num">{count(overview.unreviewed[s])}</span>
              </Link>
            </li>
          ))}
      </ul>
      <p>
        <Link href="/quarantine">
          <span className="num">{count(overview.quarantined)}</span> quarantined
        </Link>{' '}
        in <span className="num">{count(overview.scanned)}</span> messages
      </p>
    </SensorCard>
  );
}

function Egress() {
  const { data: gate, error } = useEgress();
  const { data: today, error: uncounted } = useEgressToday();
  if (isOff(error)) {
    return <SensorCard name="Egress" icon={ArrowUpRight} href="/policy" value="off" label="no gateway is configured" />;
  }
  return (
    <SensorCard
      name="Egress"
      icon={ArrowUpRight}
      href="/decisions?verdict=deny"
      value={today && count(today.denied)}
      label="refused today (UTC)"
      waiting={gate?.kill_switch.active}
      error={error ?? uncounted}
    >
      {gate?.kill_switch.active && (
        <p className={classes.alarm}>
          <Link href="/killswitch">The kill switch is on: nothing leaves</Link>
        </p>
      )}
      <p>
        <span className="num">{today ? count(today.allowed) : '…'}</span> let out
      </p>
      {gate && (
        <p>
          <Link href="/policy">{gate.version === 0 ? 'No policy: everything is refused' : `Policy ${gate.mode}`}</Link>
          {gate.version > 0 && (
            <>
              , <span className="num">{count(gate.rules)}</span> {gate.rules === 1 ? 'rule' : 'rules'}
            </>
          )}
        </p>
      )}
    </SensorCard>
  );
}

function Deception() {
  const now = useNow();
  const visits = useDeckySessions({});
  const deckies = useDeckies();
  const page = visits.data?.pages[0];
  const visited = page && recent(page, now);
  const last = page?.items[0];
  const standing = deckies.data?.pages[0];
  return (
    <SensorCard
      name="Deception"
      icon={Server}
      href="/sessions"
      value={visited}
      label={visited === '1' ? 'visit in 24 hours' : 'visits in 24 hours'}
      error={visits.error ?? deckies.error}
    >
      <p>
        <Link href="/deckies">
          <span className="num">{standing ? atLeast(standing) : '…'}</span>{' '}
          {standing?.items.length === 1 ? 'decky' : 'deckies'}
        </Link>
      </p>
      {last && (
        <p>
          Last by{' '}
          <Link href={`/sessions?open=${encodeURIComponent(last.id)}`}>
            <SafeText>{last.attacker_ip}</SafeText>
          </Link>
          , <Ago at={last.started_at} />
        </p>
      )}
    </SensorCard>
  );
}

function Anomaly() {
  const { data, error } = useAnomalies({ open: true });
  const page = data?.pages[0];
  const last = page?.items[0];
  return (
    <SensorCard
      name="Anomaly"
      icon={Activity}
      href="/anomalies?state=on"
      value={page && atLeast(page)}
      label="going on now"
      waiting={page !== undefined && page.items.length > 0}
      error={error}
    >
      <ul className={classes.split} aria-label="Going on, by severity">
        {page &&
          bySeverity(page.items).map(([s, n]) => (
            <li key={s}>
              <SeverityMark severity={s} /> {s} <span className="num">{count(n)}</span>
            </li>
          ))}
      </ul>
      {last && (
        <p>
          Last: <SafeText>{`${last.kind.replaceAll('_', ' ')} by ${last.key}`}</SafeText>, <Ago at={last.opened_at} />
        </p>
      )}
    </SensorCard>
  );
}
