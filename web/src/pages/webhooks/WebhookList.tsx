import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { UseQueryResult } from '@tanstack/react-query';
import { FileCog, Webhook as Icon } from 'lucide-react';
import type { RefObject } from 'react';
import type { WebhookList as All, Webhook } from '../../api/types';
import { ListSide } from '../../components/Split';
import { ErrorNotice, Notice, SkeletonRows } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { type Column, VirtualTable } from '../../components/VirtualTable';
import { compact, plural } from '../../lib/format';
import { topicsOf } from './draft';
import classes from './Webhooks.module.css';

type Props = {
  query: UseQueryResult<All>;
  cursor: number;
  narrow: boolean;
  scroller: RefObject<HTMLDivElement | null>;
  onPick: (w: Webhook) => void;
  onAdd: () => void;
};

/** The list in each of its states: on its way, broken, empty, filled. */
export function WebhookList({ query, cursor, narrow, scroller, onPick, onAdd }: Props) {
  const small = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
  const cards = small || narrow;
  const { items: rows = [], presets = [] } = query.data ?? {};
  return (
    <ListSide label="Webhooks">
      {query.isPending && <SkeletonRows rows={6} height={22} />}
      {query.isError && query.data === undefined && (
        <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isSuccess && rows.length === 0 && <None onAdd={onAdd} />}
      {rows.length > 0 && (
        <VirtualTable
          label="Webhooks"
          columns={columns(presets)}
          rows={rows}
          idOf={(w) => w.id}
          rowHeight={cards ? 66 : 38}
          card={cards ? (w) => <Card webhook={w} topics={topicsOf(w, presets)} /> : undefined}
          scroller={scroller}
          cursor={cursor}
          onPick={onPick}
          footer={<div className={classes.footer}>{plural(rows.length, 'webhook')}</div>}
        />
      )}
    </ListSide>
  );
}

const columns = (presets: All['presets']): Column<Webhook>[] => [
  { name: 'State', width: '84px', cell: (w) => <StateTag state={w.state} /> },
  { name: 'Webhook', width: 'minmax(130px, 1fr)', cell: (w) => <Name webhook={w} /> },
  { name: 'To', width: 'minmax(130px, 1fr)', cell: (w) => <SafeText>{w.host}</SafeText> },
  { name: 'Format', width: '88px', cell: (w) => w.format },
  { name: 'Listens to', width: 'minmax(130px, 1.2fr)', cell: (w) => <SafeText>{topicsOf(w, presets)}</SafeText> },
  { name: 'Last attempt', width: '150px', cell: (w) => <Last webhook={w} /> },
  { name: 'Pending', width: '64px', cell: (w) => <Count n={w.pending} /> },
  { name: 'Dead', width: '56px', cell: (w) => <Count n={w.dead} bad /> },
];

export function Name({ webhook: w }: { webhook: Webhook }) {
  return (
    <span className={classes.name}>
      <strong>
        <SafeText>{w.id}</SafeText>
      </strong>
      {w.managed && (
        <span className={classes.managed} title="From the configuration file: edit it there">
          <FileCog size={14} aria-label="from the configuration file" />
        </span>
      )}
    </span>
  );
}

function Last({ webhook: w }: { webhook: Webhook }) {
  if (w.last === null) return <span className={classes.quiet}>none yet</span>;
  return (
    <span title={w.last.error || undefined}>
      <span className={w.last.ok ? undefined : classes.bad}>{w.last.ok ? 'ok' : 'failed'}</span>
      {w.last.status > 0 && <span className="num">, {w.last.status}</span>}{' '}
      <span className={classes.quiet}>
        <Ago at={w.last.at} />
      </span>
    </span>
  );
}

function Count({ n, bad = false }: { n: number; bad?: boolean }) {
  const tone = n === 0 ? classes.quiet : bad ? classes.bad : undefined;
  return <span className={`num ${tone ?? ''}`}>{n === 0 ? 'none' : compact(n)}</span>;
}

function Card({ webhook: w, topics }: { webhook: Webhook; topics: string }) {
  return (
    <div className={classes.card}>
      <div className={classes.line}>
        <span className={classes.grow}>
          <Name webhook={w} />
        </span>
        <StateTag state={w.state} />
      </div>
      <div className={classes.line}>
        <span className={classes.grow}>
          {w.format} to <SafeText>{w.host}</SafeText>
        </span>
        {w.dead > 0 && <span className={`num ${classes.bad}`}>{compact(w.dead)} dead</span>}
      </div>
      <div className={`${classes.line} ${classes.quiet}`}>
        <span className={classes.grow}>
          <SafeText>{topics}</SafeText>
        </span>
        {w.last !== null && <Ago at={w.last.at} />}
      </div>
    </div>
  );
}

function None({ onAdd }: { onAdd: () => void }) {
  return (
    <Notice
      icon={<Icon size={26} />}
      title="Nobody is told yet"
      action={<Button onClick={onAdd}>Add a webhook</Button>}
    >
      <p>
        A webhook tells Slack, Discord, Teams, PagerDuty or a program of yours when a secret is found. Those under{' '}
        <code>notify.webhooks</code> in the configuration file appear here, too.
      </p>
    </Notice>
  );
}
