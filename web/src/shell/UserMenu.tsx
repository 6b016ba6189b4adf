import { Menu, useMantineColorScheme } from '@mantine/core';
import { Check, CircleUser, LogOut, Monitor, Moon, Sun, UserRound } from 'lucide-react';
import { Link } from 'wouter';
import { useMe } from '../api/queries';
import classes from './Shell.module.css';
import { useLeave } from './useLeave';

const schemes = [
  { value: 'auto', name: 'As the system', icon: Monitor },
  { value: 'light', name: 'Light', icon: Sun },
  { value: 'dark', name: 'Dark', icon: Moon },
] as const;

export function UserMenu() {
  const me = useMe().data;
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const leave = useLeave();
  return (
    <Menu position="top-start" width={196} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <button type="button" className={classes.user}>
          <CircleUser size={20} aria-hidden="true" />
          <span style={{ minWidth: 0 }}>
            <div className={classes.userName}>{me?.name}</div>
            <div className={classes.userRole}>{me?.role}</div>
            <span className="sr-only">, account, appearance and log out</span>
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} href="/account" leftSection={<UserRound size={15} />}>
          Your account
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        {schemes.map((s) => (
          <Menu.Item
            key={s.value}
            leftSection={<s.icon size={15} />}
            rightSection={colorScheme === s.value ? <Check size={14} aria-label="chosen" /> : null}
            onClick={() => setColorScheme(s.value)}
          >
            {s.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={15} />} onClick={leave}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
