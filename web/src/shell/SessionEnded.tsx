import { Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { login } from '../api/calls';
import { ApiError } from '../api/errors';
import { keys, useMe } from '../api/queries';
import { useFocusBack } from '../lib/useFocusBack';
import { useConnection } from '../live/LiveProvider';
import { FormError } from '../pages/login/Entrance';
import { refusal } from '../pages/login/refusal';
import classes from './Shell.module.css';

const above = 1_000; // over every other dialog, whose form waits below

/** Asks who was logged in to log in again when the session has ended; the page stays, with what was typed into it. */
export function SessionEnded() {
  const me = useMe();
  const ended = me.error instanceof ApiError && me.error.status === 401;
  return ended && me.data !== undefined ? <LogInAgain name={me.data.name} /> : null;
}

function LogInAgain({ name }: { name: string }) {
  const client = useQueryClient();
  const { retryNow } = useConnection();
  const [password, setPassword] = useState('');
  useFocusBack();
  const attempt = useMutation({
    mutationFn: login,
    onSuccess: (me) => {
      client.setQueryData(keys.me, me);
      void client.invalidateQueries({ predicate: (q) => q.meta?.reveals !== true });
      retryNow();
    },
    onError: () => setPassword(''),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    attempt.mutate({ name, password });
  };
  return (
    <Modal
      opened
      onClose={() => {}}
      title="Your session has ended"
      centered
      zIndex={above}
      withCloseButton={false}
      overlayProps={{ backgroundOpacity: 0.55, blur: 12 }}
      transitionProps={{ duration: 0 }}
    >
      <p className={classes.ended}>Log in again to go on. What you have typed is still there.</p>
      <form className={classes.again} onSubmit={submit}>
        <FormError>{attempt.error && refusal(attempt.error)}</FormError>
        <TextInput label="Name" name="username" autoComplete="username" readOnly value={name} />
        {/* Escape is kept from a dialog below, which would close and forget what was typed. */}
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          data-mantine-stop-propagation="true"
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
        />
        <Button type="submit" loading={attempt.isPending} data-mantine-stop-propagation="true">
          Log in
        </Button>
        <a href="/login">Log in as somebody else</a>
      </form>
    </Modal>
  );
}
