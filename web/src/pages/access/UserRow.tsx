import { ActionIcon, Menu } from '@mantine/core';
import { Ellipsis, KeySquare, UserCheck, UserCog, UserMinus, UserX } from 'lucide-react';
import { useState } from 'react';
import { useMe } from '../../api/queries';
import type { User } from '../../api/types';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import classes from './Access.module.css';
import { PasswordDialog } from './PasswordDialog';
import { type Deed, UserDialog } from './UserDialog';

/** A user, with what an administrator can do about them. */
export function UserRow({ user: u }: { user: User }) {
  const [deed, setDeed] = useState<Deed | 'password' | null>(null);
  const me = useMe().data;
  const self = me?.kind === 'user' && me.name === u.name;
  const close = () => setDeed(null);
  return (
    <li data-off={u.disabled_at !== null || undefined}>
      <span className={classes.grow}>
        <strong>
          <SafeText>{u.name}</SafeText>
          {self && <span className={classes.self}>you</span>}
        </strong>
        <span className={classes.use}>
          <Seen user={u} />
        </span>
      </span>
      <span className={classes.role}>{u.role}</span>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Change ${u.name}`}>
            <Ellipsis size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<UserCog size={15} />} onClick={() => setDeed('role')}>
            Change the role…
          </Menu.Item>
          {!self && (
            <Menu.Item leftSection={<KeySquare size={15} />} onClick={() => setDeed('password')}>
              Set a password…
            </Menu.Item>
          )}
          <Menu.Divider />
          {u.disabled_at === null ? (
            <Menu.Item leftSection={<UserX size={15} />} onClick={() => setDeed('disable')}>
              Disable…
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<UserCheck size={15} />} onClick={() => setDeed('enable')}>
              Let in again…
            </Menu.Item>
          )}
          <Menu.Item leftSection={<UserMinus size={15} />} className={classes.danger} onClick={() => setDeed('remove')}>
            Remove…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {deed === 'password' && <PasswordDialog name={u.name} onClose={close} />}
      {deed !== null && deed !== 'password' && <UserDialog user={u} deed={deed} onClose={close} />}
    </li>
  );
}

function Seen({ user: u }: { user: User }) {
  if (u.disabled_at !== null) {
    return (
      <>
        disabled <Ago at={u.disabled_at} />
      </>
    );
  }
  if (u.last_login_at === null) return 'never logged in';
  return (
    <>
      logged in <Ago at={u.last_login_at} />
    </>
  );
}
