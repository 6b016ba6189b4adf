import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useMe } from '../../api/queries';
import type { Incident, IncidentAction } from '../../api/types';
import { BlockButton } from '../../components/BlockButton';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { includes } from '../../lib/roles';
import { useNow } from '../../lib/useNow';
import classes from './Incidents.module.css';
import { SilenceDialog } from './SilenceDialog';
import { aboutsOf } from './silence';
import { isSnoozed } from './snooze';

/** What can be done with an incident. */
export type Deeds = {
  act: (incident: Incident, action: IncidentAction) => void;
  /** Asks what to merge it with; nobody who only looks may. */
  merge?: (incident: Incident) => void;
  /** Asks which parts of a whole are to be split off. */
  split?: (whole: string, chosen: string[]) => void;
};

type Props = { incident: Incident; deeds: Deeds };

/** The buttons of an incident, those that do something as it stands now. */
export function Choices({ incident: i, deeds }: Props) {
  const role = useMe().data?.role;
  if (!includes(role, 'reviewer')) return <p className={classes.note}>A reviewer may act. Your role is {role}.</p>;
  return (
    <>
      <Standing incident={i} />
      <div className={classes.choices}>
        {i.merged_into === null ? <OfWhole incident={i} deeds={deeds} /> : <OfPart incident={i} deeds={deeds} />}
        <Do onClick={() => deeds.act(i, 'note')}>Note…</Do>
        {includes(role, 'responder') && aboutsOf(i).length > 0 && <Silencing incident={i} />}
        <BlockButton address={i.source_ip} reason={`incident ${i.id}`} />
      </div>
    </>
  );
}

/** Why it stands as it does, where that is not said by its state. */
function Standing({ incident: i }: { incident: Incident }) {
  const now = useNow();
  if (i.merged_into !== null)
    return <p className={classes.note}>It is part of another, which is worked on in its place.</p>;
  return (
    <>
      {i.closed_at !== null && (
        <p className={classes.note}>
          Closed: <SafeText>{i.reason}</SafeText>
        </p>
      )}
      {isSnoozed(i, now) && i.snoozed_until !== null && (
        <p className={classes.note}>
          Put aside until <Stamp at={i.snoozed_until} />
        </p>
      )}
    </>
  );
}

type DoProps = { to?: string; onClick: () => void; children: ReactNode };

const Do = ({ to, onClick, children }: DoProps) => (
  <Button variant="default" rightSection={to && <kbd>{to}</kbd>} onClick={onClick}>
    {children}
  </Button>
);

function OfWhole({ incident: i, deeds }: Props) {
  const snoozed = isSnoozed(i, useNow());
  const open = i.closed_at === null;
  const on = (action: IncidentAction) => () => deeds.act(i, action);
  return (
    <>
      {i.state === 'triggered' && (
        <Do to="a" onClick={on('acknowledge')}>
          Take on
        </Do>
      )}
      {open && (
        <>
          <Do to="r" onClick={on('resolve')}>
            Resolve…
          </Do>
          <Do to="i" onClick={on('ignore')}>
            Ignore…
          </Do>
        </>
      )}
      {snoozed && <Do onClick={on('wake')}>Wake</Do>}
      {open && !snoozed && (
        <Do to="s" onClick={on('snooze')}>
          Snooze…
        </Do>
      )}
      {i.state !== 'triggered' && <Do onClick={on('reopen')}>Reopen</Do>}
      <Do onClick={on('assign')}>Assign…</Do>
      <Do to="m" onClick={() => deeds.merge?.(i)}>
        Merge…
      </Do>
      {i.merged.length > 0 && <Do onClick={() => deeds.split?.(i.id, [])}>Split off…</Do>}
    </>
  );
}

function OfPart({ incident: i, deeds }: Props) {
  const whole = i.merged_into;
  if (whole === null) return null;
  return <Do onClick={() => deeds.split?.(whole, [i.id])}>Split off…</Do>;
}

/** Asks in a dialog of its own. */
function Silencing({ incident }: { incident: Incident }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Do onClick={() => setOpen(true)}>Silence…</Do>
      {open && <SilenceDialog incident={incident} onClose={() => setOpen(false)} />}
    </>
  );
}
