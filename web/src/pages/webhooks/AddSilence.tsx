import { NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLastDay } from '../../api/events';
import type { Severity } from '../../api/types';
import { addSilence, webhookKeys } from '../../api/webhooks';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { useToast } from '../../components/Toast';
import { count, plural } from '../../lib/format';
import classes from './Silences.module.css';
import { blank, type Draft, lengths, reachOf, requestOf, wordsOf } from './silence';

const shown = 3; // events that the preview names

/** Asks for a silence, and says what it would have kept back. */
export function AddSilence({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState(blank);
  const set = (change: Partial<Draft>) => setDraft((d) => ({ ...d, ...change }));
  const run = async (reason: string) => {
    await addSilence(requestOf(draft, reason));
    toast('Silenced; everybody is told that it is');
    void client.invalidateQueries({ queryKey: webhookKeys.silences });
  };
  const list = (name: 'topics' | 'webhooks' | 'rules' | 'sources', label: string, description: string) => (
    <TextInput
      label={label}
      description={description}
      value={draft[name]}
      maxLength={1_000}
      onChange={(e) => set({ [name]: e.currentTarget.value })}
    />
  );
  return (
    <ReasonDialog
      title="Silence webhooks for a while"
      verb="Silence"
      needed
      ready={wordsOf(draft.topics).length > 0}
      most={2_000}
      run={run}
      onClose={onClose}
    >
      <p>What is kept back stays among the deliveries, and can be sent all the same.</p>
      {list('topics', 'Topics', 'Patterns such as leak.message.* or egress.>')}
      <NativeSelect
        label="For"
        data={lengths}
        value={String(draft.minutes)}
        onChange={(e) => set({ minutes: Number(e.currentTarget.value) })}
      />
      <NativeSelect
        label="Up to"
        description="What is worse is told all the same."
        data={['info', 'low', 'medium', 'high', 'critical']}
        value={draft.max_severity}
        onChange={(e) => set({ max_severity: e.currentTarget.value as Severity })}
      />
      {list('webhooks', 'Webhooks', 'Their ids. Empty: all.')}
      {list('rules', 'Rules', 'Only events that name one of these. Empty: any.')}
      {list('sources', 'Sources', 'Only events that name one of these. Empty: any.')}
      <Reach draft={draft} />
    </ReasonDialog>
  );
}

/** What the silence would have kept back in the last day. */
function Reach({ draft }: { draft: Draft }) {
  const [topics] = useDebouncedValue(draft.topics, 400);
  const { data, error } = useLastDay(wordsOf(topics));
  if (wordsOf(topics).length === 0) return null;
  if (error !== null) return <p className={classes.reach}>What it would reach is not known: {error.message}</p>;
  if (data === undefined) return <p className={classes.reach}>Looking at the last 24 hours…</p>;
  const { hidden, told } = reachOf(draft, data.items);
  const more = data.next_cursor !== null;
  return (
    <div className={classes.reach} role="status">
      In the last 24 hours it would have kept back {plural(hidden.length, 'event')}
      {told > 0 && `, and told ${count(told)} all the same`}.{more && ' There were more; only the newest are counted.'}
      {hidden.length > 0 && (
        <ul>
          {hidden.slice(0, shown).map((e) => (
            <li key={e.id}>
              <SafeText mono>{e.topic}</SafeText> <SafeText>{e.subject}</SafeText>, <Ago at={e.time} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
