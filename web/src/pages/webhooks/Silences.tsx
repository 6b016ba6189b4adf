import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { BellOff } from 'lucide-react';
import { useState } from 'react';
import { useMe } from '../../api/queries';
import type { Silence } from '../../api/types';
import { endSilence, useSilences, webhookKeys } from '../../api/webhooks';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { useToast } from '../../components/Toast';
import { middle, plural } from '../../lib/format';
import { includes } from '../../lib/roles';
import { AddSilence } from './AddSilence';
import classes from './Silences.module.css';

/** What is silenced now, and by whom. Whoever answers alerts may silence them. */
export function Silences() {
  const { data, error } = useSilences();
  const may = includes(useMe().data?.role, 'responder');
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Silence | null>(null);
  const active = data?.items.filter((s) => s.active) ?? [];
  return (
    <section className={classes.box} aria-label="Silences">
      <div className={classes.head}>
        <h2 className={classes.title}>{titleOf(active.length, data !== undefined, error)}</h2>
        {may && (
          <Button size="xs" variant="default" leftSection={<BellOff size={14} />} onClick={() => setAdding(true)}>
            Silence
          </Button>
        )}
      </div>
      {active.length > 0 && (
        <ul className={classes.list}>
          {active.map((s) => (
            <One key={s.id} silence={s} onEnd={may ? () => setEnding(s) : undefined} />
          ))}
        </ul>
      )}
      {adding && <AddSilence onClose={() => setAdding(false)} />}
      {ending !== null && <End silence={ending} onClose={() => setEnding(null)} />}
    </section>
  );
}

function titleOf(active: number, known: boolean, error: Error | null): string {
  if (!known) return error === null ? 'Silences' : `Silences are not known: ${error.message}`;
  return active === 0 ? 'Nothing is silenced' : `${plural(active, 'silence')} in force`;
}

function One({ silence: s, onEnd }: { silence: Silence; onEnd?: () => void }) {
  const only = [
    ...s.rules.map((r) => `rule ${r}`),
    ...s.sources.map((x) => `source ${x}`),
    ...s.fingerprints.map((x) => `secret ${middle(x)}`),
  ].join(', ');
  return (
    <li className={classes.one}>
      <p className={classes.words}>
        <SafeText mono>{s.topics.join(' ')}</SafeText> up to {s.max_severity}
        {only !== '' && (
          <>
            , only <SafeText>{only}</SafeText>
          </>
        )}
        , from <SafeText>{s.webhooks.length === 0 ? 'all webhooks' : s.webhooks.join(', ')}</SafeText>, until{' '}
        <Stamp at={s.until} />
        <br />
        <span className={classes.quiet}>
          <SafeText>{`${s.by}: ${s.reason}`}</SafeText>
        </span>
      </p>
      {onEnd !== undefined && (
        <Button size="xs" variant="default" onClick={onEnd}>
          End
        </Button>
      )}
    </li>
  );
}

function End({ silence: s, onClose }: { silence: Silence; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const run = async (reason: string) => {
    await endSilence(s.id, reason);
    toast('The silence is over');
    void client.invalidateQueries({ queryKey: webhookKeys.silences });
  };
  return (
    <ReasonDialog title="End a silence" verb="End it" run={run} onClose={onClose}>
      <p>
        From now on <SafeText mono>{s.topics.join(' ')}</SafeText> is told again. What was kept back stays unsent; it is
        among the deliveries as silenced, and can be sent from there.
      </p>
    </ReasonDialog>
  );
}
