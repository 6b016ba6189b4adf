import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { type UseQueryResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { createUser } from '../../api/calls';
import { keys } from '../../api/queries';
import type { Role, User } from '../../api/types';
import { Panel } from '../../components/Page';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { useToast } from '../../components/Toast';
import { FormError } from '../login/Entrance';
import { namePattern, rules } from '../setup/password';
import { PasswordHints } from '../setup/SetupForm';
import classes from './Access.module.css';
import { roles } from './roles';
import { UserRow } from './UserRow';

export function UsersPanel({ query }: { query: UseQueryResult<{ items: User[] }> }) {
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title="Users"
      flush
      aside={
        <Button size="xs" variant="default" onClick={() => setAdding(!adding)} aria-expanded={adding}>
          {adding ? 'Cancel' : 'Add a user'}
        </Button>
      }
    >
      {adding && <AddUser onDone={() => setAdding(false)} />}
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      <ul className={classes.rows}>
        {query.data?.items.map((u) => (
          <UserRow key={u.name} user={u} />
        ))}
      </ul>
    </Panel>
  );
}

function AddUser({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [password, setPassword] = useState('');
  const add = useMutation({
    mutationFn: createUser,
    onSuccess: (u) => {
      toast(`User ${u.name} added`);
      void client.invalidateQueries({ queryKey: keys.users });
      onDone();
    },
  });
  const ready = namePattern.test(name) && rules(name, password).every((r) => r.met);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (ready) add.mutate({ name, role, password });
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <FormError>{add.error?.message}</FormError>
      <TextInput
        label="Name"
        autoComplete="off"
        value={name}
        error={
          name !== '' && !namePattern.test(name) ? 'Lower-case letters, digits, and . _ - after the first.' : undefined
        }
        onChange={(e) => setName(e.currentTarget.value)}
      />
      <NativeSelect label="Role" data={roles} value={role} onChange={(e) => setRole(e.currentTarget.value as Role)} />
      <PasswordInput
        label="First password"
        autoComplete="new-password"
        value={password}
        onChange={(e) => setPassword(e.currentTarget.value)}
      />
      <PasswordHints name={name} password={password} />
      <Button type="submit" disabled={!ready} loading={add.isPending}>
        Add the user
      </Button>
    </form>
  );
}
