import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type UseQueryResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { createApiKey, revokeApiKey } from '../../api/calls';
import { keys } from '../../api/queries';
import type { ApiKey, NewApiKey, Role } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Panel } from '../../components/Page';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago, Stamp } from '../../components/Time';
import { useToast } from '../../components/Toast';
import { useNow } from '../../lib/useNow';
import { FormError } from '../login/Entrance';
import classes from './Access.module.css';
import { roles } from './roles';
import { ScopePicker } from './ScopePicker';
import { described } from './scopes';
import { inForceFirst, stateOf } from './state';

export function KeysPanel({ query }: { query: UseQueryResult<{ items: ApiKey[] }> }) {
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<NewApiKey | null>(null);
  return (
    <Panel
      title="API keys"
      flush
      aside={
        <Button size="xs" variant="default" onClick={() => setAdding(!adding)} aria-expanded={adding}>
          {adding ? 'Cancel' : 'Create a key'}
        </Button>
      }
    >
      {adding && (
        <AddKey
          onDone={(k) => {
            setMade(k);
            setAdding(false);
          }}
        />
      )}
      {made !== null && <Made made={made} onClose={() => setMade(null)} />}
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && <p className={classes.none}>No key was created yet.</p>}
      <ul className={classes.rows}>
        {inForceFirst(query.data?.items ?? []).map((k) => (
          <KeyRow key={`${k.name} ${k.created_at}`} apiKey={k} />
        ))}
      </ul>
    </Panel>
  );
}

// The only moment the key can be seen: the server keeps its hash alone.
function Made({ made, onClose }: { made: NewApiKey; onClose: () => void }) {
  return (
    <div className={classes.made} role="status">
      <p>
        <strong>Copy this key now.</strong> It is shown this once and cannot be shown again.
      </p>
      <Snippet label={made.name}>{made.key}</Snippet>
      <Button size="xs" variant="default" onClick={onClose}>
        I have stored it
      </Button>
    </div>
  );
}

function KeyRow({ apiKey: k }: { apiKey: ApiKey }) {
  const state = stateOf(k, useNow());
  return (
    <li data-off={state !== 'in force' || undefined}>
      <span className={classes.grow}>
        <strong>
          <SafeText>{k.name}</SafeText>
          {state !== 'in force' && <span className={classes.self}>{state}</span>}
        </strong>
        <span className={classes.use}>
          {described(k.role, k.scopes)}
          {' · '}
          {k.last_used_at ? (
            <>
              used <Ago at={k.last_used_at} />
            </>
          ) : (
            'never used'
          )}
        </span>
        <span className={classes.use}>
          <code>{k.prefix}…</code> by <SafeText>{k.created_by}</SafeText>
          {k.expires_at && state === 'in force' && (
            <>
              , until <Stamp at={k.expires_at} />
            </>
          )}
        </span>
      </span>
      <span className={classes.role}>{k.role}</span>
      {state === 'in force' && <RevokeButton name={k.name} />}
    </li>
  );
}

function RevokeButton({ name }: { name: string }) {
  const client = useQueryClient();
  const toast = useToast();
  const [sure, setSure] = useState(false);
  const revoke = useMutation({
    mutationFn: () => revokeApiKey(name),
    onSuccess: () => {
      toast(`Key ${name} revoked`);
      void client.invalidateQueries({ queryKey: keys.apiKeys });
    },
    onError: (e) => toast(`The key was not revoked: ${e.message}`, true),
  });
  return (
    <Button
      size="compact-xs"
      variant={sure ? 'filled' : 'subtle'}
      color={sure ? 'red.9' : 'gray'}
      loading={revoke.isPending}
      onClick={() => (sure ? revoke.mutate() : setSure(true))}
      onBlur={() => setSure(false)}
      aria-label={sure ? `Really revoke ${name}` : `Revoke ${name}`}
    >
      {sure ? 'Really revoke' : 'Revoke'}
    </Button>
  );
}

function AddKey({ onDone }: { onDone: (k: NewApiKey) => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState('90');
  const [scopes, setScopes] = useState<string[]>([]);
  const add = useMutation({
    mutationFn: createApiKey,
    onSuccess: (k) => {
      void client.invalidateQueries({ queryKey: keys.apiKeys });
      onDone(k);
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const expires_at = days === '' ? undefined : new Date(Date.now() + Number(days) * 86_400_000).toISOString();
    add.mutate({ name, role, expires_at, scopes: scopes.length === 0 ? undefined : scopes });
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <FormError>{add.error?.message}</FormError>
      <TextInput
        label="Name"
        description="What uses it."
        placeholder="ci"
        required
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
      />
      <NativeSelect label="Role" data={roles} value={role} onChange={(e) => setRole(e.currentTarget.value as Role)} />
      <ScopePicker scopes={scopes} onChange={setScopes} />
      <NativeSelect label="Valid for" data={lifetimes} value={days} onChange={(e) => setDays(e.currentTarget.value)} />
      <Button type="submit" loading={add.isPending}>
        Create the key
      </Button>
    </form>
  );
}

const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'a year' },
  { value: '', label: 'ever, until revoked' },
];
