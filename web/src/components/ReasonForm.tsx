import { Button, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import classes from './ReasonForm.module.css';

type Props = {
  /** What will happen. */
  children: ReactNode;
  verb: string;
  danger?: boolean;
  /** The action wants a reason; without this it is only offered. */
  needed?: boolean;
  /** Without a frame, for a dialog that has its own. */
  plain?: boolean;
  /** More is asked for than the reason: false until that is given. */
  ready?: boolean;
  /** The longest reason that the server takes, in characters. */
  most?: number;
  /** The reason as far as it is known. */
  initial?: string;
  busy: boolean;
  error?: string;
  onGo: (reason: string) => void;
  onCancel: () => void;
};

/** Asks for the reason of an action in the place where it was started. */
export function ReasonForm({
  children,
  verb,
  danger,
  needed,
  plain,
  ready = true,
  most = 1000,
  initial = '',
  busy,
  error,
  onGo,
  onCancel,
}: Props) {
  const [reason, setReason] = useState(initial);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    onGo(reason.trim());
  };
  return (
    <form
      className={classes.form}
      data-plain={plain || undefined}
      onSubmit={submit}
      onKeyDown={(e) => e.key === 'Escape' && onCancel()}
    >
      <div className={classes.what}>{children}</div>
      <TextInput
        size="xs"
        label="Reason"
        description="Kept in the audit log."
        maxLength={most}
        required={needed}
        data-autofocus
        ref={focusOnce}
        value={reason}
        onChange={(e) => setReason(e.currentTarget.value)}
      />
      <div role="alert">{error !== undefined && <p className={classes.error}>{error}</p>}</div>
      <div className={classes.buttons}>
        <Button type="submit" size="xs" color={danger ? 'red.9' : undefined} disabled={!ready} loading={busy}>
          {verb}
        </Button>
        <Button size="xs" variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

const focusOnce = (input: HTMLInputElement | null) => input?.focus();
