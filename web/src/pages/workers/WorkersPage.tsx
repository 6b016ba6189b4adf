import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Cog, Play, Square } from 'lucide-react';
import { useState } from 'react';
import { nodeKeys, startWorker, stopWorker, useWorkers } from '../../api/node';
import { useMe } from '../../api/queries';
import type { Worker } from '../../api/types';
import { Page, Panel } from '../../components/Page';
import { ReasonDialog } from '../../components/ReasonDialog';
import { ErrorNotice, Notice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { useToast } from '../../components/Toast';
import { plural } from '../../lib/format';
import { includes } from '../../lib/roles';
import { byNode, summary } from './order';
import classes from './Workers.module.css';

/** The parts that the nodes keep running. */
export function WorkersPage() {
  const { data, isPending, isError, error, refetch } = useWorkers();
  const [chosen, setChosen] = useState<Worker | null>(null);
  return (
    <Page
      title="Workers"
      lead="The parts that a node keeps running. One that fails is tried again by itself; one that is stopped stays so until it is started or its node restarts."
    >
      {isPending && <SkeletonRows rows={8} height={26} />}
      {isError && data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && <Empty />}
      {byNode(data?.items ?? []).map(([node, workers]) => (
        <div key={node} className={classes.node}>
          <Panel title={`Node ${node}`} aside={<span className={classes.summary}>{summary(workers)}</span>} flush>
            <ul className={classes.rows}>
              {workers.map((w) => (
                <Row key={w.name} worker={w} onCommand={() => setChosen(w)} />
              ))}
            </ul>
          </Panel>
        </div>
      ))}
      {chosen !== null && <CommandDialog worker={chosen} onClose={() => setChosen(null)} />}
    </Page>
  );
}

function Empty() {
  return (
    <Notice icon={<Cog size={26} />} title="No worker runs">
      <p>
        Workers begin with <code>cordon serve</code>, as the configuration asks for them.
      </p>
    </Notice>
  );
}

function Row({ worker: w, onCommand }: { worker: Worker; onCommand: () => void }) {
  const mayCommand = includes(useMe().data?.role, 'admin');
  return (
    <li className={classes.row}>
      <StateTag state={w.state} />
      <span className={classes.name}>
        <SafeText>{w.name}</SafeText>
      </span>
      <span className={classes.detail}>
        <SafeText>{w.detail}</SafeText>
      </span>
      <span className={classes.restarts}>{w.restarts > 0 && plural(w.restarts, 'restart')}</span>
      <span className={classes.since}>
        <Ago at={w.since} />
      </span>
      {mayCommand && <CommandButton worker={w} onClick={onCommand} />}
    </li>
  );
}

function CommandButton({ worker: w, onClick }: { worker: Worker; onClick: () => void }) {
  const stopped = w.state === 'stopped';
  return (
    <Button
      size="compact-xs"
      variant="default"
      className={classes.command}
      leftSection={stopped ? <Play size={12} /> : <Square size={11} />}
      onClick={onClick}
    >
      {stopped ? 'Start' : 'Stop'}
      <span className="sr-only"> {w.name}</span>
    </Button>
  );
}

function CommandDialog({ worker: w, onClose }: { worker: Worker; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const stopped = w.state === 'stopped';
  const run = async (reason: string) => {
    const after = await (stopped ? startWorker : stopWorker)({ worker: w, reason });
    toast(said(after, stopped));
    void client.invalidateQueries({ queryKey: nodeKeys.workers });
  };
  return (
    <ReasonDialog
      title={`${stopped ? 'Start' : 'Stop'} ${w.name}`}
      verb={stopped ? 'Start' : 'Stop'}
      danger={!stopped}
      needed
      run={run}
      onClose={onClose}
    >
      {stopped ? (
        <p>It begins again on node {w.node}, where it left off.</p>
      ) : (
        <p>
          What it does on node {w.node} is not done meanwhile: a stopped source is not read, a stopped delivery waits.
          Both go on where they left off when they are started.
        </p>
      )}
    </ReasonDialog>
  );
}

// The answer comes after three seconds at the latest; some workers take longer.
function said(after: Worker, wasStopped: boolean): string {
  if (wasStopped) return `${after.name} starts`;
  return after.state === 'stopped' ? `${after.name} stopped` : `${after.name} was told to stop and is finishing`;
}
