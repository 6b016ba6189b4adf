import { NativeSelect } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changeUser, removeUser } from '../../api/access';
import { keys } from '../../api/queries';
import type { Role, User } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { useToast } from '../../components/Toast';
import { roles } from './roles';

export type Deed = 'role' | 'disable' | 'enable' | 'remove';

type Props = { user: User; deed: Deed; onClose: () => void };

/** Changes a user, with a reason for the audit log. */
export function UserDialog({ user: u, deed, onClose }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const [role, setRole] = useState<Role>(u.role);
  const look = looks[deed];
  const run = async (reason: string) => {
    await act(deed, u.name, role, reason);
    toast(look.done(u.name, role));
    void client.invalidateQueries({ queryKey: keys.users });
    void client.invalidateQueries({ queryKey: keys.me });
  };
  return (
    <ReasonDialog
      title={`${look.title} ${u.name}`}
      verb={look.verb}
      danger={deed === 'disable' || deed === 'remove'}
      ready={deed !== 'role' || role !== u.role}
      most={500}
      run={run}
      onClose={onClose}
    >
      <p>{look.what}</p>
      {deed === 'role' && (
        <NativeSelect label="Role" data={roles} value={role} onChange={(e) => setRole(e.currentTarget.value as Role)} />
      )}
    </ReasonDialog>
  );
}

function act(deed: Deed, name: string, role: Role, reason: string): Promise<unknown> {
  const why = reason === '' ? undefined : reason;
  if (deed === 'remove') return removeUser(name, reason);
  if (deed === 'role') return changeUser({ name, role, reason: why });
  return changeUser({ name, disabled: deed === 'disable', reason: why });
}

type Look = { title: string; verb: string; what: string; done: (name: string, role: Role) => string };

const looks: Record<Deed, Look> = {
  role: {
    title: 'Role of',
    verb: 'Change the role',
    what: 'It holds from the next request of each open session.',
    done: (name, role) => `${name} is ${role} now`,
  },
  disable: {
    title: 'Disable',
    verb: 'Disable',
    what: 'All sessions end and no new one begins. What was done before stays in the audit log; the user can be let in again.',
    done: (name) => `${name} is disabled`,
  },
  enable: {
    title: 'Let in',
    verb: 'Let in again',
    what: 'The password and the role are as they were.',
    done: (name) => `${name} may log in again`,
  },
  remove: {
    title: 'Remove',
    verb: 'Remove',
    what: 'All sessions end and the name becomes free. API keys that the user made stay in force: look through them too.',
    done: (name) => `${name} removed`,
  },
};
