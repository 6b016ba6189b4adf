import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { type SeenIncident, useSeen } from '../../api/incidents';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SeverityTag } from '../../components/Severity';
import { SafeText } from '../../components/Text';
import { plural } from '../../lib/format';
import { plain } from '../../lib/text';
import classes from './Incidents.module.css';
import { mostMerged } from './merge';
import { type Did, useJoining } from './useJoining';
import { WhoHears } from './WhoHears';

type Props = {
  /** The incident that others were merged into. */
  whole: string;
  /** Those of them that are to be their own again, as far as it was said. */
  chosen: string[];
  did: Did;
  onClose: () => void;
};

/** Asks which of the incidents that were merged into one are to be their own again, and says what will be. */
export function SplitDialog({ whole: id, chosen, did, onClose }: Props) {
  const [picked, pick] = useState(chosen);
  const [whole] = useSeen([id]).all;
  const members = whole?.merged ?? [];
  const shown = [...new Set([...chosen, ...members])].filter((m) => members.includes(m)).slice(0, mostMerged);
  const seen = useSeen(shown);
  const going = seen.all.filter((i) => picked.includes(i.id) || shown.length === 1);
  const join = useJoining(did);
  const run = (reason: string) => {
    const act = { action: 'split', reason } as const;
    const back = { action: 'merge', into: id } as const;
    const steps = [...going].reverse().map((i) => ({ seen: i, act, back }));
    return join(steps, (n) => `${plural(n, 'incident')} split off ${plain(whole?.title ?? '')}`);
  };
  const toggle = (m: string) => pick((now) => (now.includes(m) ? now.filter((x) => x !== m) : [...now, m]));
  return (
    <ReasonDialog title="Split off" verb="Split off" most={2_000} ready={going.length > 0} run={run} onClose={onClose}>
      {whole !== undefined && (
        <p className={classes.note}>
          From: <SafeText>{whole.title}</SafeText>
        </p>
      )}
      {whole !== undefined && members.length === 0 && (
        <p className={classes.note}>Nothing is merged into it any more.</p>
      )}
      <div className={classes.members}>
        {seen.all.map((i) => (
          <Member key={i.id} incident={i} on={going.includes(i)} onToggle={shown.length > 1 && (() => toggle(i.id))} />
        ))}
      </div>
      {members.length > shown.length && (
        <p className={classes.note}>{plural(members.length - shown.length, 'more part')} are on the command line.</p>
      )}
      <div role="status">
        {seen.error !== null && <p className={classes.note}>{seen.error.message}</p>}
        {whole !== undefined && going.length > 0 && <WillBe whole={whole} going={going} />}
      </div>
    </ReasonDialog>
  );
}

type MemberProps = { incident: SeenIncident; on: boolean; onToggle: false | (() => void) };

/** One of several is chosen; one alone is what it is about. */
function Member({ incident: i, on, onToggle }: MemberProps) {
  const what = (
    <>
      <SeverityTag severity={i.severity} /> <SafeText>{i.title}</SafeText>, seen {plural(i.observations, 'time')}
    </>
  );
  if (onToggle === false) return <p>{what}</p>;
  return <Checkbox size="xs" checked={on} onChange={onToggle} label={what} />;
}

/** What will be, before it is done. */
function WillBe({ whole, going }: { whole: SeenIncident; going: SeenIncident[] }) {
  const left = whole.observations - going.reduce((sum, i) => sum + i.observations, 0);
  return (
    <>
      <p className={classes.note}>
        {going.length === 1 ? 'It stands' : 'They stand'} again as before the merge: owner, state, reason and snooze.
        What was seen meanwhile stays counted, and opens again what was resolved.
      </p>
      <p className={classes.note}>
        What stays was seen {plural(Math.max(left, 0), 'time')}, and is as grave as that makes it. Cordon merges them no
        more; people may.
      </p>
      <WhoHears severity={whole.severity} />
    </>
  );
}
