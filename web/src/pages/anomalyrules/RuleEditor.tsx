import { Button, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import { formErrors } from '../../api/errors';
import { CodeEditor, type CodeHandle } from '../../components/CodeEditor';
import { Panel } from '../../components/Page';
import { SafeText } from '../../components/Text';
import { FormError } from '../login/Entrance';
import rules from '../rules/Rules.module.css';
import classes from './AnomalyRules.module.css';
import { Replay } from './Replay';
import { lineOf } from './replay';

export type Written = { text: string; reason: string };

type Props = {
  label: string;
  verb: string;
  begin: string;
  /** The text that is stored; undefined when nothing is. */
  stored?: string;
  busy: boolean;
  error: unknown;
  onSave: (w: Written) => void;
  onCancel: () => void;
  /** Stands between the text and what a replay says of it. */
  children?: (text: string) => ReactNode;
};

/** A rule that is being written: its text with what is wrong at its line, and a replay of it. */
export function RuleEditor({ label, verb, begin, stored, busy, error, onSave, onCancel, children }: Props) {
  const [text, setText] = useState(begin);
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState<string>();
  const code = useRef<CodeHandle>(null);
  const said = useId();
  const errors = formErrors(error, ['text', 'enabled']);
  const wrong = errors.at.text ?? tried;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    setTried(undefined);
    onSave({ text, reason: reason.trim() });
  };
  return (
    <>
      <form className={rules.form} onSubmit={submit} aria-label={label}>
        <CodeEditor
          ref={code}
          label="Rule as YAML"
          value={text}
          onChange={(t) => {
            setText(t);
            setTried(undefined);
          }}
          marks={wrong === undefined ? [] : [{ line: lineOf(wrong), tone: 'bad' }]}
          describedBy={wrong === undefined ? undefined : said}
        />
        {wrong !== undefined && (
          <p id={said} className={classes.wrong} role="alert">
            <button type="button" onClick={() => code.current?.goTo(lineOf(wrong))}>
              Line {lineOf(wrong)}
            </button>
            <SafeText>{wrong.replace(/^line \d+: /, '')}</SafeText>
          </p>
        )}
        <FormError>{errors.form ?? errors.at.enabled}</FormError>
        {children?.(text)}
        <TextInput
          label="Reason"
          description="Kept in the rule's history and the audit log."
          maxLength={2000}
          value={reason}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
        <div className={rules.actions}>
          <Button type="submit" disabled={text.trim() === '' || text === stored} loading={busy}>
            {verb}
          </Button>
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        </div>
      </form>
      <Panel title="Replay it before saving">
        <Replay text={text} onWrong={setTried} />
      </Panel>
    </>
  );
}
