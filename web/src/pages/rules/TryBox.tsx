import { Button, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { EyeOff } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { formErrors } from '../../api/errors';
import { testRules } from '../../api/rules';
import type { RuleDraft } from '../../api/types';
import { count } from '../../lib/format';
import { FormError } from '../login/Entrance';
import { byteLength } from './highlight';
import classes from './Rules.module.css';
import { TryResult } from './TryResult';

const limit = 64 * 1024; // bytes, as the API has it

/** Scans a text the reader pastes, with the draft alone or with every rule in force, and shows what was found. */
export function TryBox({ draft }: { draft?: RuleDraft }) {
  const [text, setText] = useState('');
  const size = byteLength(text);
  const scan = useMutation({
    mutationFn: (sent: string) => testRules(sent, draft),
    gcTime: 0, // the text is not kept after the page is left
  });
  const errors = formErrors(scan.error, ['text', 'rule.regex']);
  const ready = text !== '' && size <= limit && draft?.regex !== '';
  const go = () => ready && scan.mutate(text);
  const onKey = (e: KeyboardEvent) => {
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) go();
    if (e.key === 'Escape' && e.currentTarget instanceof HTMLElement) e.currentTarget.blur();
  };
  return (
    <div className={classes.try}>
      <Textarea
        aria-label="Text to scan"
        placeholder="Paste a message, a log line, a file…"
        className={classes.mono}
        autosize
        minRows={4}
        maxRows={12}
        spellCheck={false}
        autoComplete="off"
        value={text}
        error={errors.at.text}
        onChange={(e) => setText(e.currentTarget.value)}
        onKeyDown={onKey}
      />
      <div className={classes.bar}>
        <Button size="xs" onClick={go} disabled={!ready} loading={scan.isPending}>
          Scan the text
        </Button>
        <span className={classes.quiet}>
          <kbd>Ctrl</kbd> <kbd>Enter</kbd>
        </span>
        <span className={`${classes.size} num`} data-over={size > limit || undefined}>
          {count(size)} of {count(limit)} bytes
        </span>
      </div>
      <p className={classes.promise}>
        <EyeOff size={15} aria-hidden="true" />
        The text is scanned and forgotten. It is not stored, not logged, and nobody is alerted.
      </p>
      <FormError>{errors.form ?? errors.at['rule.regex']}</FormError>
      <div role="status">
        {scan.data !== undefined && scan.variables !== undefined && (
          <TryResult text={scan.variables} result={scan.data} named={draft === undefined} />
        )}
      </div>
    </div>
  );
}
