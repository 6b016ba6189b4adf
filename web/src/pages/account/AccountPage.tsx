import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Monitor } from 'lucide-react';
import { useState } from 'react';
import { accessKeys, endSession, useSessions } from '../../api/access';
import { useMe } from '../../api/queries';
import type { Session } from '../../api/types';
import { Facts } from '../../components/Facts';
import { Page, Panel } from '../../components/Page';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago, Stamp } from '../../components/Time';
import { useToast } from '../../components/Toast';
import { plain } from '../../lib/text';
import { PasswordDialog } from '../access/PasswordDialog';
import classes from './Account.module.css';
import { agentName } from './agent';

/** One's own account: where one is logged in, and one's password. */
export function AccountPage() {
  const me = useMe().data;
  const query = useSessions();
  const [changing, setChanging] = useState(false);
  return (
    <Page
      title="Your account"
      lead="Where you are logged in. A session you do not know: end it, then change your password."
    >
      <div className={classes.columns}>
        <Panel title="Sessions" flush>
          {query.isPending && <SkeletonRows rows={3} />}
          {query.isError && query.data === undefined && (
            <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
          )}
          {query.data?.items.length === 0 && (
            <p className={classes.none}>You came with an API key: no session is open.</p>
          )}
          <ul className={classes.rows}>
            {query.data?.items.map((s) => (
              <Row key={s.id} session={s} />
            ))}
          </ul>
        </Panel>
        <Panel
          title="You"
          aside={
            me?.kind === 'user' && (
              <Button size="xs" variant="default" onClick={() => setChanging(true)}>
                Change your password
              </Button>
            )
          }
        >
          <Facts
            items={[
              ['Name', me?.name],
              ['Role', me?.role],
            ]}
          />
        </Panel>
      </div>
      {changing && me !== undefined && <PasswordDialog own name={me.name} onClose={() => setChanging(false)} />}
    </Page>
  );
}

function Row({ session: s }: { session: Session }) {
  return (
    <li>
      <Monitor size={17} aria-hidden="true" />
      <span className={classes.grow}>
        <strong title={plain(s.agent)}>
          <SafeText>{agentName(s.agent)}</SafeText>
        </strong>
        <span className={classes.more}>
          from <SafeText mono>{s.addr === '' ? 'this machine' : s.addr}</SafeText>, used <Ago at={s.seen_at} />
        </span>
        <span className={classes.more}>
          began <Stamp at={s.created_at} />, ends <Stamp at={s.expires_at} />
        </span>
      </span>
      {s.current ? <span className={classes.current}>this one</span> : <EndButton session={s} />}
    </li>
  );
}

function EndButton({ session: s }: { session: Session }) {
  const client = useQueryClient();
  const toast = useToast();
  const end = useMutation({
    mutationFn: () => endSession(s.id),
    onSuccess: () => {
      toast('Session ended');
      void client.invalidateQueries({ queryKey: accessKeys.sessions });
    },
    onError: (e) => toast(`The session was not ended: ${e.message}`, true),
  });
  return (
    <Button size="compact-xs" variant="default" loading={end.isPending} onClick={() => end.mutate()}>
      End<span className="sr-only"> the session from {s.addr}</span>
    </Button>
  );
}
