import { Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { dryRunPolicy, egressKeys, type LoadedPolicy, putPolicy, rollBackPolicy } from '../../api/egress';
import { useMe } from '../../api/queries';
import { Panel } from '../../components/Page';
import { ReasonDialog } from '../../components/ReasonDialog';
import { useToast } from '../../components/Toast';
import { includes } from '../../lib/roles';
import { FormError } from '../login/Entrance';
import { Diff } from './Diff';
import { DryRun } from './DryRun';
import classes from './Policy.module.css';

type Props = {
  inForce: LoadedPolicy | null;
  begin: string;
  /** The version that begin is of, when that is not the one in force. */
  from?: number;
  onDone: () => void;
};

/** A draft of the policy: what differs, what it would change, and putting it into force. */
export function Editor({ inForce, begin, from, onDone }: Props) {
  const role = useMe().data?.role;
  const [text, setText] = useState(begin);
  const [based] = useState(inForce); // what the draft rests on, whatever comes into force meanwhile
  const [saving, setSaving] = useState(false);
  const tried = useMutation({ mutationFn: dryRunPolicy });
  const change = (next: string) => {
    setText(next);
    tried.reset();
  };
  const differs = text !== (based?.document ?? '');
  const admin = includes(role, 'admin');
  return (
    <div className={classes.main}>
      <Panel title={from === undefined ? 'Policy' : `Version ${from}`}>
        <Textarea
          aria-label="Policy as YAML"
          classNames={{ input: classes.code }}
          autosize
          minRows={12}
          maxRows={32}
          spellCheck={false}
          autoComplete="off"
          readOnly={!admin}
          value={text}
          onChange={(e) => change(e.currentTarget.value)}
        />
        <FormError>{tried.error?.message}</FormError>
        <div className={classes.bar}>
          {includes(role, 'reviewer') && (
            <Button size="xs" variant="default" loading={tried.isPending} onClick={() => tried.mutate(text)}>
              Try it
            </Button>
          )}
          {admin && (
            <Button size="xs" disabled={!differs} onClick={() => setSaving(true)}>
              {from === undefined ? 'Put it into force' : `Go back to version ${from}`}
            </Button>
          )}
          {(differs || from !== undefined) && (
            <Button size="xs" variant="subtle" color="gray" onClick={() => (from ? onDone() : change(begin))}>
              {from === undefined ? 'Discard the draft' : 'Back to the policy in force'}
            </Button>
          )}
        </div>
      </Panel>
      {tried.data !== undefined && <DryRun result={tried.data} />}
      {based !== null && differs && <Diff before={based.document} after={text} />}
      {saving && (
        <Save text={text} begin={begin} from={from} based={based} onSaved={onDone} onClose={() => setSaving(false)} />
      )}
    </div>
  );
}

type SaveProps = {
  text: string;
  begin: string;
  from?: number;
  based: LoadedPolicy | null;
  onSaved: () => void;
  onClose: () => void;
};

function Save({ text, begin, from, based, onSaved, onClose }: SaveProps) {
  const client = useQueryClient();
  const toast = useToast();
  const run = async (reason: string) => {
    const untouched = from !== undefined && text === begin;
    const now = await (untouched ? rollBackPolicy(from, reason) : putPolicy(text, reason, based?.etag ?? null));
    toast(`Version ${now.version} of the policy is in force`);
    await client.invalidateQueries({ queryKey: egressKeys.all });
    onSaved();
  };
  return (
    <ReasonDialog title="Put the policy into force" verb="Put into force" needed run={run} onClose={onClose}>
      <p>
        Its tests are run first. Then it holds at once, for connections that are open too: those it denies are cut. The
        policy file on the node is replaced.
      </p>
    </ReasonDialog>
  );
}
