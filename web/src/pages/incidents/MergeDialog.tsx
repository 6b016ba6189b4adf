import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useSeen } from '../../api/incidents';
import type { Incident } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SeverityTag } from '../../components/Severity';
import { SafeText } from '../../components/Text';
import { plural } from '../../lib/format';
import { plain } from '../../lib/text';
import classes from './Incidents.module.css';
import { elderOf, holdsSeveralSecrets, outcomeOf, whyApart } from './merge';
import { type Did, useJoining } from './useJoining';
import { WhoHears } from './WhoHears';

type Props = {
  /** What is to be one. */
  incidents: Incident[];
  /** Of one alone: the others that it may be merged with. */
  others: Incident[];
  did: Did;
  onMerged: (whole: string) => void;
  onClose: () => void;
};

/** Asks which of several incidents the others become part of, and says what will be. */
export function MergeDialog({ incidents, others, did, onMerged, onClose }: Props) {
  const [other, setOther] = useState('');
  const [stays, setStays] = useState<string>();
  const ids = [...incidents.map((i) => i.id), ...(other === '' ? [] : [other])];
  const seen = useSeen(ids);
  const all = seen.all.filter((i) => i.merged_into === null || !ids.includes(i.merged_into)); // one may be done, and the next have failed
  const whole = all.find((i) => i.id === stays) ?? elderOf(all);
  const parts = all.filter((i) => i.id !== whole?.id);
  const apart = whyApart(all);
  const join = useJoining(did);
  const run = async (reason: string) => {
    if (whole === undefined) return;
    const into = whole.id;
    const act = { action: 'merge', into, reason } as const;
    const steps = [...parts].sort(byAge).map((p) => ({ seen: p, act, back: { action: 'split' } as const }));
    await join(steps, (n) => `${plural(n, 'incident')} merged into ${plain(whole.title)}`);
    onMerged(into);
  };
  return (
    <ReasonDialog
      title="Merge incidents"
      verb="Merge"
      most={2_000}
      ready={whole !== undefined && !seen.pending && seen.error === null && apart === ''}
      run={run}
      onClose={onClose}
    >
      {incidents.length === 1 && <With others={others} value={other} onChange={setOther} />}
      {whole !== undefined && all.length > 1 && (
        <NativeSelect
          size="xs"
          label="The one that stays"
          description="Its owner, acknowledgement and snooze count for all. The others are closed as parts of it."
          data={all.map((i) => ({ value: i.id, label: plain(i.title) }))}
          value={whole.id}
          onChange={(e) => setStays(e.currentTarget.value)}
        />
      )}
      <div role="status">
        {seen.pending && <p className={classes.note}>Looking…</p>}
        {seen.error !== null && <p className={classes.note}>{seen.error.message}</p>}
        {!seen.pending && apart !== '' && <p className={classes.note}>{plain(apart)}</p>}
        {whole !== undefined && apart === '' && !seen.pending && <WillBe whole={whole} parts={parts} />}
      </div>
    </ReasonDialog>
  );
}

const byAge = (a: Incident, b: Incident) => (a.id < b.id ? -1 : 1);

function With({ others, value, onChange }: { others: Incident[]; value: string; onChange: (id: string) => void }) {
  return (
    <NativeSelect
      size="xs"
      label="Merge it with"
      description="Those that the list shows. To merge more than two, select them there."
      data={[
        { value: '', label: 'Choose one' },
        ...others.map((i) => ({ value: i.id, label: plain(`${i.title} (${i.severity})`) })),
      ]}
      value={value}
      onChange={(e) => onChange(e.currentTarget.value)}
    />
  );
}

/** What will be, before it is done. */
function WillBe({ whole, parts }: { whole: Incident; parts: Incident[] }) {
  const then = outcomeOf(whole, parts);
  return (
    <>
      <dl className={classes.then}>
        <dt>It will be</dt>
        <dd>
          <SeverityTag severity={then.severity} /> <SafeText>{then.title}</SafeText>
        </dd>
        <dt>Seen</dt>
        <dd>
          {plural(then.observations, 'time')} by {then.sensors.join(' + ')}
        </dd>
        <dt>Assignee</dt>
        <dd>{then.assignee === '' ? 'nobody' : <SafeText>{then.assignee}</SafeText>}</dd>
      </dl>
      {then.reopens && <p className={classes.note}>It is resolved, and will be open again.</p>}
      {holdsSeveralSecrets([whole, ...parts]) && (
        <p className={classes.note}>These are several secrets: each has to be revoked.</p>
      )}
      <WhoHears severity={then.severity} />
    </>
  );
}
