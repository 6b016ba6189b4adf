import { ActionIcon } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { CircleCheck, X } from 'lucide-react';
import { nodeKeys, reloadConfig } from '../../api/node';
import { keys } from '../../api/queries';
import type { Reloaded } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SafeText } from '../../components/Text';
import classes from './Settings.module.css';

type DialogProps = { file: string; onDone: (r: Reloaded) => void; onClose: () => void };

export function ReloadDialog({ file, onDone, onClose }: DialogProps) {
  const client = useQueryClient();
  const run = async (reason: string) => {
    onDone(await reloadConfig(reason));
    for (const key of [nodeKeys.config, nodeKeys.workers, keys.sources, keys.overview]) {
      void client.invalidateQueries({ queryKey: key });
    }
  };
  return (
    <ReasonDialog title="Reload the configuration" verb="Reload" run={run} onClose={onClose}>
      <p>
        <SafeText mono>{file}</SafeText> is read again and put into force as a whole. With a mistake in it nothing
        changes, and you are told where it is.
      </p>
    </ReasonDialog>
  );
}

/** What the reload led to. */
export function ReloadResult({ result: r, onClose }: { result: Reloaded; onClose: () => void }) {
  return (
    <section className={classes.result} role="status" aria-label="Result of the reload">
      <header>
        <CircleCheck size={17} aria-hidden="true" />
        <strong>{r.changed.length === 0 ? 'Reloaded: nothing differs from what was in force.' : 'Reloaded.'}</strong>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Close the result" onClick={onClose}>
          <X size={15} />
        </ActionIcon>
      </header>
      <Lines title="In force now" lines={r.changed} />
      <Lines title="Needs a restart" lines={r.needs_restart} />
      <Lines title="Warnings" lines={r.warnings} />
    </section>
  );
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  if (lines.length === 0) return null;
  return (
    <div className={classes.lines}>
      <h3>{title}</h3>
      <ul>
        {lines.map((l) => (
          <li key={l}>
            <SafeText mono>{l}</SafeText>
          </li>
        ))}
      </ul>
    </div>
  );
}
