import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Redirect, useLocation, useSearch } from 'wouter';
import { login } from '../../api/calls';
import { keys, useSetupState } from '../../api/queries';
import { Entrance, FormError } from './Entrance';
import classes from './Entrance.module.css';
import { safeNext } from './next';
import { refusal } from './refusal';

export function LoginPage() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const next = safeNext(new URLSearchParams(useSearch()).get('next'));
  const setup = useSetupState(true);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const attempt = useMutation({
    mutationFn: login,
    onSuccess: (me) => {
      client.clear();
      client.setQueryData(keys.me, me);
      navigate(next, { replace: true });
    },
    onError: () => setPassword(''),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    attempt.mutate({ name: name.trim(), password });
  };

  if (setup.data?.needed) return <Redirect to="/setup" replace />;
  return (
    <Entrance title="Log in" lead="With the name and password an administrator gave you.">
      <form className={classes.form} onSubmit={submit}>
        <FormError>{attempt.error && refusal(attempt.error)}</FormError>
        <TextInput
          label="Name"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          required
          withAsterisk={false}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
        />
        <Button type="submit" loading={attempt.isPending}>
          Log in
        </Button>
      </form>
    </Entrance>
  );
}
