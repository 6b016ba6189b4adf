import { useApiKeys, useUsers } from '../../api/queries';
import { AdminOnly } from '../../components/AdminOnly';
import { Page } from '../../components/Page';
import classes from './Access.module.css';
import { KeysPanel } from './KeysPanel';
import { UsersPanel } from './UsersPanel';

/** Who may log in, and which programs may call. For administrators. */
export function AccessPage() {
  return (
    <Page
      title="Users & keys"
      lead="People log in with a password; programs call with a key. Each role includes the ones before it: viewer, reviewer, responder, admin."
    >
      <AdminOnly what="a user or a key">
        <Both />
      </AdminOnly>
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
