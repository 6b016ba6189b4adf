import { Lock } from 'lucide-react';
import { useApiKeys, useMe, useUsers } from '../../api/queries';
import { Page } from '../../components/Page';
import { Notice } from '../../components/States';
import { includes } from '../../lib/roles';
import classes from './Access.module.css';
import { KeysPanel } from './KeysPanel';
import { UsersPanel } from './UsersPanel';

/** Who may log in, and which programs may call. For administrators. */
export function AccessPage() {
  const role = useMe().data?.role;
  return (
    <Page
      title="Users & keys"
      lead="People log in with a password; programs call with a key. Each role includes the ones before it: viewer, reviewer, responder, admin."
    >
      {includes(role, 'admin') ? (
        <Both />
      ) : (
        <Notice icon={<Lock size={26} />} title="For administrators">
          <p>Your role is {role}. Ask an administrator if you need a user or a key.</p>
        </Notice>
      )}
    </Page>
  );
}

function Both() {
  return (
    <div className={classes.columns}>
      <UsersPanel query={useUsers()} />
      <KeysPanel query={useApiKeys()} />
    </div>
  );
}
