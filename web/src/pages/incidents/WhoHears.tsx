import { useMe } from '../../api/queries';
import type { Severity } from '../../api/types';
import { useWebhooks } from '../../api/webhooks';
import { includes } from '../../lib/roles';
import classes from './Incidents.module.css';
import { whoHears } from './merge';

/** Who is told when incidents are merged or split. Only administrators see webhooks by name. */
export function WhoHears({ severity }: { severity: Severity }) {
  const admin = includes(useMe().data?.role, 'admin');
  return (
    <p className={classes.note}>
      {admin ? <Named severity={severity} /> : 'Webhooks that ask for changes of incidents are told.'} It is in the
      timelines and the audit log.
    </p>
  );
}

function Named({ severity }: { severity: Severity }) {
  const { data, error } = useWebhooks();
  if (data === undefined) return error === null ? 'Looking who is told…' : `Who is told is not known: ${error.message}`;
  const told = whoHears(data.items, severity);
  if (told.length === 0) return 'No webhook asks for it, so nobody is told.';
  return `Told: ${told.join(', ')}, unless a filter or silence of theirs keeps it.`;
}
