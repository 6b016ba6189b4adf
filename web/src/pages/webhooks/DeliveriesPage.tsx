import { Button, SegmentedControl } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { ArrowLeft, MailX, RotateCw } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { Link, useLocation, useParams, useSearch } from 'wouter';
import { useNextPage } from '../../api/queries';
import type { Delivery } from '../../api/types';
import { type DeliveryState, useDeliveries, useWebhook } from '../../api/webhooks';
import { Filters } from '../../components/Filters';
import { KeyHelp, KeyHelpButton } from '../../components/KeyHelp';
import { ListFooter } from '../../components/ListFooter';
import { Page } from '../../components/Page';
import { ListSide, Split } from '../../components/Split';
import { ErrorNotice, Notice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { type Column, VirtualTable } from '../../components/VirtualTable';
import { plural } from '../../lib/format';
import { listKeyHelp } from '../../lib/listKeys';
import { useListNav } from '../../lib/useListNav';
import { DeliveryPane } from './DeliveryPane';
import { tagOf } from './draft';
import { useRedeliverDead } from './useRedeliver';
import classes from './Webhooks.module.css';

const states: { value: DeliveryState | ''; label: string }[] = [
  { value: '', label: 'All' },
  { value: 'pending', label: 'Pending' },
  { value: 'failed', label: 'Failed' },
  { value: 'delivered', label: 'Delivered' },
  { value: 'dead', label: 'Dead' },
  { value: 'silenced', label: 'Silenced' },
];

/** Everything that was or will be sent to one webhook. */
export function DeliveriesPage() {
  const { id = '' } = useParams<{ id: string }>();
  const [, navigate] = useLocation();
  const search = useSearch();
  const state = states.find((s) => s.value !== '' && s.value === new URLSearchParams(search).get('state'))?.value;
  const query = useDeliveries(id, state || undefined);
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const [openId, setOpenId] = useState<string>();
  const scroller = useRef<HTMLDivElement>(null);
  const none = useRef<HTMLInputElement>(null);
  const close = () => {
    setOpenId(undefined);
    scroller.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
  };
  const open = (d: Delivery) => setOpenId(d.id);
  const nav = useListNav({ rows, idOf: (d) => d.id, openId, onOpen: open, onClose: close, filterInput: none });
  const small = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
  const cards = small || openId !== undefined;
  const more = useNextPage(query, rows.length);
  const path = `/webhooks/${encodeURIComponent(id)}`;

  return (
    <Page
      fill
      title="Deliveries"
      lead={
        <>
          Everything that was or will be sent to <Link href={path}>{id}</Link>, the newest event first.
        </>
      }
      actions={
        <>
          <Button component={Link} href={path} size="xs" variant="default" leftSection={<ArrowLeft size={14} />}>
            The webhook
          </Button>
          <RedeliverDead id={id} />
          <KeyHelpButton onClick={() => nav.setHelp(true)} />
        </>
      }
    >
      <Filters open={openId !== undefined}>
        <SegmentedControl
          size="xs"
          aria-label="State"
          data={states}
          value={state ?? ''}
          onChange={(v) => {
            setOpenId(undefined);
            navigate(`${path}/deliveries${v === '' ? '' : `?state=${v}`}`, { replace: true });
          }}
        />
      </Filters>
      <Split open={openId !== undefined}>
        <ListSide label="Deliveries">
          {query.isPending && <SkeletonRows rows={12} height={22} />}
          {query.isError && rows.length === 0 && (
            <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
          )}
          {query.isSuccess && rows.length === 0 && <Empty narrowed={state !== undefined} />}
          {rows.length > 0 && (
            <VirtualTable
              label="Deliveries"
              columns={columns}
              rows={rows}
              idOf={(d) => d.id}
              rowHeight={cards ? 66 : 38}
              card={cards ? (d) => <Card delivery={d} /> : undefined}
              scroller={scroller}
              cursor={nav.cursor}
              onPick={open}
              onNearEnd={more}
              footer={<ListFooter shown={rows.length} one="delivery" many="deliveries" query={query} />}
            />
          )}
        </ListSide>
        {openId !== undefined && (
          <DeliveryPane
            webhook={id}
            delivery={rows[nav.cursor]}
            position={nav.position && { ...nav.position, more: query.hasNextPage }}
            onStep={nav.step}
            onClose={close}
          />
        )}
      </Split>
      <KeyHelp
        open={nav.help}
        onClose={() => nav.setHelp(false)}
        keys={listKeyHelp('delivery').filter(([keys]) => !keys.includes('/'))}
      />
    </Page>
  );
}

const columns: Column<Delivery>[] = [
  { name: 'State', width: '96px', cell: (d) => <StateTag state={tagOf(d)} /> },
  { name: 'Event', width: 'minmax(170px, 1fr)', cell: (d) => <SafeText mono>{d.topic}</SafeText> },
  { name: 'About', width: 'minmax(140px, 1.2fr)', cell: (d) => <SafeText>{d.subject}</SafeText> },
  { name: 'Attempts', width: '68px', cell: (d) => <span className="num">{d.attempts}</span> },
  { name: 'Answer', width: 'minmax(120px, 1fr)', cell: (d) => <Answer delivery={d} /> },
  { name: 'Queued', width: '88px', cell: (d) => <Ago at={d.queued_at} /> },
];

function Answer({ delivery: d }: { delivery: Delivery }) {
  if (d.status === 0 && d.error === '') return <span className={classes.quiet}>none yet</span>;
  return (
    <span title={d.error || undefined}>
      {d.status > 0 && <span className="num">{d.status} </span>}
      <span className={classes.quiet}>
        <SafeText>{d.error}</SafeText>
      </span>
    </span>
  );
}

function Card({ delivery: d }: { delivery: Delivery }) {
  return (
    <div className={classes.card}>
      <div className={classes.line}>
        <span className={classes.grow}>
          <SafeText mono>{d.topic}</SafeText>
        </span>
        <StateTag state={tagOf(d)} />
      </div>
      <div className={classes.line}>
        <span className={classes.grow}>
          <SafeText>{d.subject}</SafeText>
        </span>
        <span className={classes.quiet}>
          <Ago at={d.queued_at} />
        </span>
      </div>
      <div className={`${classes.line} ${classes.quiet}`}>
        <span className={classes.grow}>
          <Answer delivery={d} />
        </span>
      </div>
    </div>
  );
}

function RedeliverDead({ id }: { id: string }) {
  const dead = useWebhook(id).data?.dead ?? 0;
  const again = useRedeliverDead(id);
  if (dead === 0) return null;
  return (
    <Button size="xs" leftSection={<RotateCw size={14} />} loading={again.isPending} onClick={() => again.mutate()}>
      Redeliver {plural(dead, 'dead letter')}
    </Button>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return (
    <Notice icon={<MailX size={26} />} title={narrowed ? 'None in this state' : 'Nothing was sent yet'}>
      <p>
        {narrowed
          ? 'There may be deliveries in other states.'
          : 'Deliveries appear here when an event matches the webhook’s topics and filters. A test is one, too.'}
      </p>
    </Notice>
  );
}
