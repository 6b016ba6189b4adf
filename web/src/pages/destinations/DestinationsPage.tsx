import { Button } from '@mantine/core';
import { Globe } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useDestinations } from '../../api/egress';
import type { EgressDestination } from '../../api/types';
import { EgressError } from '../../components/EgressOff';
import { Page, Panel } from '../../components/Page';
import { Notice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { Verdict } from '../../components/Verdict';
import { bytes, compact, plural } from '../../lib/format';
import classes from './Destinations.module.css';
import { type Order, ordered, orders } from './order';

const shownAtFirst = 200;

/** The hosts that programs asked for. */
export function DestinationsPage() {
  const { data, isPending, isError, error, refetch } = useDestinations();
  const [order, setOrder] = useState<Order>('recent');
  const [all, setAll] = useState(false);
  const rows = useMemo(() => ordered(data?.items ?? [], order), [data, order]);
  const shown = all ? rows : rows.slice(0, shownAtFirst);
  return (
    <Page title="Destinations" lead="The hosts that programs asked for, the last thousand, and what became of it.">
      {isPending && <SkeletonRows rows={10} height={26} />}
      {isError && data === undefined && <EgressError error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && <Empty />}
      {rows.length > 0 && (
        <Panel title={plural(rows.length, 'destination')} aside={<Orders now={order} onChange={setOrder} />} flush>
          <ul className={classes.rows}>
            {shown.map((d) => (
              <Row key={d.host} destination={d} />
            ))}
          </ul>
          {shown.length < rows.length && (
            <div className={classes.more}>
              <Button size="xs" variant="default" onClick={() => setAll(true)}>
                Show all {rows.length}
              </Button>
            </div>
          )}
        </Panel>
      )}
    </Page>
  );
}

function Orders({ now, onChange }: { now: Order; onChange: (o: Order) => void }) {
  return (
    <fieldset className={classes.orders}>
      <legend className="sr-only">Order</legend>
      {orders.map((o) => (
        <button key={o.id} type="button" aria-pressed={now === o.id} onClick={() => onChange(o.id)}>
          {o.name}
        </button>
      ))}
    </fieldset>
  );
}

function Row({ destination: d }: { destination: EgressDestination }) {
  return (
    <li className={classes.row}>
      <Link href={`/decisions?host=${encodeURIComponent(d.host)}`} className={classes.host}>
        <SafeText>{d.host === '' ? '(nothing that can be read)' : d.host}</SafeText>
      </Link>
      <Verdict decision={d.last_decision} />
      <span className={`${classes.counts} num`}>
        {compact(d.allowed)} allowed, {compact(d.denied)} denied
      </span>
      <span className={`${classes.moved} num`}>
        {d.bytes_out + d.bytes_in > 0 && `${bytes(d.bytes_out)} out, ${bytes(d.bytes_in)} in`}
      </span>
      <span className={classes.seen}>
        <Ago at={d.last_seen} />
      </span>
    </li>
  );
}

function Empty() {
  return (
    <Notice icon={<Globe size={26} />} title="No destination yet">
      <p>A host appears here as soon as a program asks the gateway for it.</p>
    </Notice>
  );
}
