import { Button, Modal, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { setPassword } from '../../api/access';
import { useToast } from '../../components/Toast';
import { useFocusBack } from '../../lib/useFocusBack';
import { FormError } from '../login/Entrance';
import { rules } from '../setup/password';
import { PasswordHints } from '../setup/SetupForm';
import classes from './Access.module.css';

type Props = { name: string; own?: boolean; onClose: () => void };

/** Sets a password. For one's own the server asks for the current one. */
export function PasswordDialog({ name, own = false, onClose }: Props) {
  useFocusBack();
  const toast = useToast();
  const [current, setCurrent] = useState('');
  const [password, setNew] = useState('');
  const set = useMutation({
    mutationFn: () => setPassword(name, password, own ? current : undefined),
    onSuccess: () => {
      toast(own ? 'Password changed; your other sessions ended' : `Password of ${name} set; all their sessions ended`);
      onClose();
    },
  });
  const ready = rules(name, password).every((r) => r.met) && (!own || current !== '');
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (ready) set.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={own ? 'Change your password' : `Set a password for ${name}`}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
      transitionProps={{ duration: 0 }}
    >
      <form className={classes.dialog} onSubmit={submit}>
        <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
        <FormError>{set.error?.message}</FormError>
        {own && (
          <PasswordInput
            data-autofocus
            label="Current password"
            autoComplete="current-password"
            value={current}
            onChange={(e) => setCurrent(e.currentTarget.value)}
          />
        )}
        <PasswordInput
          data-autofocus={own ? undefined : true}
          label="New password"
          autoComplete="new-password"
          value={password}
          onChange={(e) => setNew(e.currentTarget.value)}
        />
        <PasswordHints name={name} password={password} />
        <Button type="submit" disabled={!ready} loading={set.isPending}>
          {own ? 'Change the password' : 'Set the password'}
        </Button>
      </form>
    </Modal>
  );
}
