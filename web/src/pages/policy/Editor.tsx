import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import { dryRunPolicy, type LoadedPolicy, useCheck } from '../../api/egress';
import { useMe } from '../../api/queries';
import type { EgressCheck } from '../../api/types';
import { CodeEditor, type CodeHandle, type Mark } from '../../components/CodeEditor';
import { Panel } from '../../components/Page';
import { includes } from '../../lib/roles';
import { FormError } from '../login/Entrance';
import { Check } from './Check';
import { Conflict } from './Conflict';
import { Diff } from './Diff';
import { DryRun } from './DryRun';
import classes from './Policy.module.css';
import { Save } from './Save';

/** A policy that is being written, and the one it rests on. */
export type Draft = { text: string; based: LoadedPolicy | null };

type Props = {
  inForce: LoadedPolicy | null;
  begin: string;
  /** The version that begin is of, when that is not the one in force. */
  from?: number;
  /** What was written before somebody looked elsewhere. */
  draft?: Draft;
  onDraft: (draft: Draft | undefined) => void;
  onDone: () => void;
};

/** A draft of the policy: what is wrong, what differs, what it would change, and putting it into force. */
export function Editor({ inForce, begin, from, draft, onDraft, onDone }: Props) {
  const role = useMe().data?.role;
  const [text, setText] = useState(draft?.text ?? begin);
  const [based, setBased] = useState(draft === undefined ? inForce : draft.based);
  const [saving, setSaving] = useState(false);
  const code = useRef<CodeHandle>(null);
  const said = useId();
  const tried = useMutation({ mutationFn: dryRunPolicy });
  const differs = text !== (based?.document ?? '');
  const admin = includes(role, 'admin');
  const reviewer = includes(role, 'reviewer');
  const check = useChecked(text, based, reviewer && differs);
  const change = (next: string, on = based) => {
    setText(next);
    setBased(on);
    tried.reset();
    if (from === undefined) onDraft(next === (on?.document ?? begin) ? undefined : { text: next, based: on });
  };
  useEffect(() => {
    // nothing was written: show what is in force
    if (!differs && from === undefined && inForce !== null && inForce.version !== based?.version) {
      setText(inForce.document);
      setBased(inForce);
    }
  }, [differs, from, inForce, based]);
  const theirs = differs && inForce !== null && inForce.version !== based?.version ? inForce : null;
  return (
    <div className={classes.main}>
      {theirs !== null && (
        <Conflict
          based={based}
          theirs={theirs}
          onKeep={() => change(text, theirs)}
          onTake={() => (from === undefined ? change(theirs.document, theirs) : onDone())}
        />
      )}
      <Panel title={from === undefined ? 'Policy' : `Version ${from}`}>
        <CodeEditor
          ref={code}
          label="Policy as YAML"
          readOnly={!admin}
          value={text}
          onChange={change}
          marks={marksOf(check)}
          describedBy={check === undefined ? undefined : said}
        />
        <FormError>{tried.error?.message}</FormError>
        <div className={classes.bar}>
          {reviewer && (
            <Button size="xs" variant="default" loading={tried.isPending} onClick={() => tried.mutate(text)}>
              Try it
            </Button>
          )}
          {admin && (
            <Button size="xs" disabled={!differs || theirs !== null} onClick={() => setSaving(true)}>
              {from === undefined ? 'Put it into force' : `Go back to version ${from}`}
            </Button>
          )}
          {(differs || from !== undefined) && (
            <Button
              size="xs"
              variant="subtle"
              color="gray"
              onClick={() => (from === undefined ? change(based?.document ?? begin) : onDone())}
            >
              {from === undefined ? 'Discard the draft' : 'Back to the policy in force'}
            </Button>
          )}
        </div>
      </Panel>
      {check !== undefined && <Check id={said} check={check} onGo={(line) => code.current?.goTo(line)} />}
      {tried.data !== undefined && <DryRun result={tried.data} />}
      {based !== null && differs && (
        <Diff title="Differs from what is in force" before={based.document} after={text} check={check} />
      )}
      {saving && (
        <Save
          text={text}
          begin={begin}
          from={from}
          based={based}
          check={check}
          onSaved={onDone}
          onClose={() => setSaving(false)}
        />
      )}
    </div>
  );
}

// What the server says of a draft, once nobody has typed for a moment.
function useChecked(text: string, based: LoadedPolicy | null, wanted: boolean): EgressCheck | undefined {
  const [still] = useDebouncedValue(text, 400);
  const check = useCheck(still, based?.version, wanted && still !== (based?.document ?? ''));
  return wanted ? check.data : undefined;
}

function marksOf(check: EgressCheck | undefined): Mark[] {
  if (check === undefined) return [];
  return [
    ...check.unsupported.map((u): Mark => ({ line: u.line, tone: 'warn' })),
    ...check.tests.filter((t) => !t.passed).map((t): Mark => ({ line: t.line, tone: 'bad' })),
    ...check.problems.map((p): Mark => ({ line: p.line, tone: 'bad' })),
  ];
}
