import { Button } from '@mantine/core';
import { Footprints, Siren } from 'lucide-react';
import { Link } from 'wouter';
import { useAttacker } from '../../api/deception';
import { ApiError } from '../../api/errors';
import { useIncidents } from '../../api/incidents';
import { SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { plural } from '../../lib/format';
import classes from './Anomalies.module.css';

/** What else is on record of the address: whether it touched a decky, and its incidents. */
export function Elsewhere({ address }: { address: string }) {
  if (address === '') return <p className={classes.note}>The reports name no address.</p>;
  return (
    <div className={classes.elsewhere}>
      <OnDeckies address={address} />
      <InIncidents address={address} />
    </div>
  );
}

function OnDeckies({ address }: { address: string }) {
  const { data, error, isPending } = useAttacker(address);
  if (isPending) return <SkeletonRows rows={1} />;
  if (data === undefined) {
    const none = error instanceof ApiError && error.status === 404;
    return <p className={classes.note}>{none ? 'It has touched no decky.' : `Not known: ${error?.message}`}</p>;
  }
  return (
    <p className={classes.ways}>
      <Button
        component={Link}
        href={`/attackers?open=${encodeURIComponent(address)}`}
        variant="default"
        leftSection={<Footprints size={14} />}
      >
        On deckies: {plural(data.sessions, 'session')}, score {data.score}
      </Button>
    </p>
  );
}

function InIncidents({ address }: { address: string }) {
  const { data, error, isPending } = useIncidents({ address });
  if (isPending) return <SkeletonRows rows={1} />;
  if (data === undefined) return <p className={classes.note}>Its incidents are not known: {error?.message}</p>;
  const rows = data.pages.flatMap((p) => p.items);
  if (rows.length === 0) return <p className={classes.note}>It has no incident: no other sensor saw it.</p>;
  return (
    <p className={classes.ways}>
      {rows.map((i) => (
        <Button
          key={i.id}
          component={Link}
          href={`/incidents?address=${encodeURIComponent(address)}&open=${i.id}`}
          variant="default"
          leftSection={<Siren size={14} />}
        >
          <SafeText>{i.title}</SafeText>
        </Button>
      ))}
    </p>
  );
}
