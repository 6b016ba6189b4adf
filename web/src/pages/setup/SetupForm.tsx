import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Check, Minus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { setup } from '../../api/calls';
import { keys } from '../../api/queries';
import { FormError } from '../login/Entrance';
import classes from '../login/Entrance.module.css';
import { namePattern, rules, strength } from './password';

export function SetupForm({ token }: { token: string }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const badName = !namePattern.test(name);
  const ready = !badName && rules(name, password).every((r) => r.met);
  const create = useMutation({
    mutationFn: setup,
    onSuccess: (me) => {
      client.clear();
      client.setQueryData(keys.me, me);
      navigate('/', { replace: true });
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    setTried(true);
    if (ready) create.mutate({ token, name, password });
  };

  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <FormError>{create.error?.message}</FormError>
      <TextInput
        label="Name"
        description="Lower-case letters, digits, and . _ - after the first character."
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        value={name}
        error={(tried || name !== '') && badName ? 'This name is not allowed.' : undefined}
        onChange={(e) => setName(e.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        name="new-password"
        autoComplete="new-password"
        aria-describedby="password-rules"
        value={password}
        onChange={(e) => setPassword(e.currentTarget.value)}
      />
      <PasswordHints name={name} password={password} />
      <Button type="submit" loading={create.isPending} disabled={tried && !ready}>
        Create the administrator
      </Button>
    </form>
  );
}

/** The rules as a list that ticks itself off, and a bar for the strength. */
export function PasswordHints({ name, password }: { name: string; password: string }) {
  const { score, word } = strength(password);
  return (
    <div id="password-rules">
      <ul className={classes.rules}>
        {rules(name, password).map((r) => (
          <li key={r.text} data-met={r.met || undefined}>
            {r.met ? <Check size={14} aria-label="met:" /> : <Minus size={14} aria-label="not yet:" />}
            {r.text}
          </li>
        ))}
      </ul>
      <div className={classes.strength} aria-live="polite">
        {score > 0 &&
          [1, 2, 3, 4].map((n) => (
            <span key={n} className={classes.bar} data-on={n <= score || undefined} aria-hidden="true" />
          ))}
        <span>{score === 0 ? 'Longer is stronger: a few unrelated words work well.' : `Strength: ${word}`}</span>
      </div>
    </div>
  );
}
