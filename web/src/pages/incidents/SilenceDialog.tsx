import { NativeSelect } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Incident, SilencePreview } from '../../api/types';
import { addSilence, useSilencePreview, webhookKeys } from '../../api/webhooks';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { useToast } from '../../components/Toast';
import { plural } from '../../lib/format';
import classes from './Incidents.module.css';
import { aboutsOf, type Draft, draftOf, lengths, scopeOf } from './silence';

/** Asks for a silence of what made an incident, and says what it would have hidden. */
export function SilenceDialog({ incident: i, onClose }: { incident: Incident; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState<Draft>(() => draftOf(i));
  const set = (change: Partial<Draft>) => setDraft((d) => ({ ...d, ...change }));
  const run = async (reason: string) => {
    await addSilence({ ...scopeOf(i, draft), minutes: draft.days * 1440, reason });
    toast('Silenced; everybody is told that it is');
    void client.invalidateQueries({ queryKey: webhookKeys.silences });
  };
  return (
    <ReasonDialog title="Silence what made it" verb="Silence" needed most={2_000} run={run} onClose={onClose}>
      <p className={classes.note}>
        <SafeText>{i.title}</SafeText>
      </p>
      <p className={classes.note}>Webhooks keep quiet about it. The incident stays, and goes on counting.</p>
      <NativeSelect
        size="xs"
        label="About"
        data={aboutsOf(i)}
        value={draft.about}
        onChange={(e) => set({ about: e.currentTarget.value })}
      />
      <NativeSelect
        size="xs"
        label="For"
        data={lengths}
        value={String(draft.days)}
        onChange={(e) => set({ days: Number(e.currentTarget.value) })}
      />
      <NativeSelect
        size="xs"
        label="Up to"
        description="What is worse is told all the same."
        data={['low', 'medium', 'high', 'critical']}
        value={draft.max}
        onChange={(e) => set({ max: e.currentTarget.value as Draft['max'] })}
      />
      <Reach incident={i} draft={draft} />
    </ReasonDialog>
  );
}

function Reach({ incident, draft }: { incident: Incident; draft: Draft }) {
  const { data, error } = useSilencePreview(scopeOf(incident, draft));
  if (data === undefined) return <p className={classes.note}>{error === null ? 'Looking…' : error.message}</p>;
  return <Hidden preview={data} />;
}

function Hidden({ preview: p }: { preview: SilencePreview }) {
  return (
    <p className={classes.note} role="status">
      Since <Stamp at={p.since} /> it would have hidden {plural(p.hidden, 'event')}, which tell of{' '}
      {plural(p.incidents, 'incident')}
      {!p.complete && ', and more before'}; {plural(p.told, 'event')} of the same kind would have been told all the
      same.
    </p>
  );
}
