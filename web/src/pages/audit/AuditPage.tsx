import { useMediaQuery } from '@mantine/hooks';
import { FilterX, ScrollText } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';
import { auditRecords, useAudit } from '../../api/audit';
import { useMe, useNextPage } from '../../api/queries';
import type { AuditRecord } from '../../api/types';
import { AdminOnly } from '../../components/AdminOnly';
import { ExportButton } from '../../components/ExportButton';
import { KeyHelp, KeyHelpButton } from '../../components/KeyHelp';
import { ListFooter } from '../../components/ListFooter';
import { Page } from '../../components/Page';
import { ListSide, Split } from '../../components/Split';
import { ErrorNotice, Notice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago, Stamp } from '../../components/Time';
import { type Column, VirtualTable } from '../../components/VirtualTable';
import { listKeyHelp } from '../../lib/listKeys';
import { includes } from '../../lib/roles';
import { useListNav } from '../../lib/useListNav';
import { Actor } from './Actor';
import classes from './Audit.module.css';
import { AuditFilters } from './AuditFilters';
import { CheckpointButton } from './CheckpointButton';
import { exported } from './export';
import { type AuditView, filterOf, readView, writeView } from './filters';
import { RecordPane } from './RecordPane';
import { VerifyButton } from './VerifyDialog';

const columns: Column<AuditRecord>[] = [
  { name: 'Time', width: '152px', cell: (r) => <Stamp at={r.time} /> },
  { name: 'Actor', width: 'minmax(120px, 0.8fr)', cell: (r) => <Actor actor={r.actor} /> },
  { name: 'Action', width: 'minmax(150px, 0.8fr)', cell: (r) => <SafeText mono>{r.action}</SafeText> },
  { name: 'Target', width: 'minmax(140px, 1.2fr)', cell: (r) => <SafeText>{r.target}</SafeText> },
  { name: 'Reason', width: 'minmax(120px, 1.2fr)', cell: (r) => <SafeText>{r.reason}</SafeText> },
  { name: 'From', width: 'minmax(90px, 0.5fr)', cell: (r) => <SafeText mono>{r.actor.addr}</SafeText> },
];

const lead = 'Everything that somebody did, in a chain of hashes that shows when a record is changed or taken away.';

/** Who did what, when and why. */
export function AuditPage() {
  const admin = includes(useMe().data?.role, 'admin');
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const filter = useMemo(() => filterOf(view), [view]);
  const openId = new URLSearchParams(search).get('open') ?? undefined;
  const query = useAudit(filter, admin);
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const setView = (v: AuditView) => navigate(`/audit${writeView(v)}`, { replace: true });
  const open = (r: AuditRecord) => navigate(`/audit${writeView(view, r.seq)}`, { replace: openId !== undefined });

  const filterInput = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const close = () => {
    navigate(`/audit${writeView(view)}`);
    scroller.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
  };
  const nav = useListNav({ rows, idOf: (r) => String(r.seq), openId, onOpen: open, onClose: close, filterInput });
  const more = useNextPage(query, rows.length);
  const small = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
  const cards = small || openId !== undefined;
  if (!admin) {
    return (
      <Page title="Audit" lead={lead}>
        <AdminOnly what="to know who did something">{null}</AdminOnly>
      </Page>
    );
  }
  return (
    <Page
      fill
      title="Audit"
      lead={lead}
      actions={
        <>
          <VerifyButton />
          <CheckpointButton />
          <ExportButton
            name="audit"
            columns={exported}
            pages={(cursor) => auditRecords({ ...filter, limit: 500, cursor })}
          />
          <KeyHelpButton onClick={() => nav.setHelp(true)} />
        </>
      }
    >
      <AuditFilters view={view} onChange={setView} rows={rows} focus={filterInput} open={openId !== undefined} />
      <Split open={openId !== undefined}>
        <ListSide label="Audit records">
          {query.isPending && <SkeletonRows rows={12} height={22} />}
          {query.isError && rows.length === 0 && (
            <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
          )}
          {query.isSuccess && rows.length === 0 && <Empty narrowed={writeView(view) !== ''} />}
          {rows.length > 0 && (
            <VirtualTable
              label="Audit records"
              columns={columns}
              rows={rows}
              idOf={(r) => String(r.seq)}
              rowHeight={cards ? 62 : 38}
              card={cards ? (r) => <Card record={r} /> : undefined}
              scroller={scroller}
              cursor={nav.cursor}
              onPick={open}
              onNearEnd={more}
              footer={<ListFooter shown={rows.length} one="record" many="records" query={query} />}
            />
          )}
        </ListSide>
        {openId !== undefined && (
          <RecordPane
            record={rows[nav.cursor]}
            position={nav.position && { ...nav.position, more: query.hasNextPage }}
            onStep={nav.step}
            onClose={close}
          />
        )}
      </Split>
      <KeyHelp open={nav.help} onClose={() => nav.setHelp(false)} keys={listKeyHelp('record')} />
    </Page>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  if (narrowed) {
    return (
      <Notice icon={<FilterX size={26} />} title="No record matches">
        <p>Actor and target are compared exactly; an action may end in a star, such as user.*</p>
      </Notice>
    );
  }
  return (
    <Notice icon={<ScrollText size={26} />} title="Nothing was done yet">
      <p>The first record comes with the first action: a user that is added, a review, a changed setting.</p>
    </Notice>
  );
}

function Card({ record: r }: { record: AuditRecord }) {
  return (
    <div className={classes.card}>
      <div className={classes.line}>
        <span className={classes.what}>
          <SafeText mono>{r.action}</SafeText>
        </span>
        <Ago at={r.time} />
      </div>
      <div className={classes.line}>
        <span className={classes.what}>
          <Actor actor={r.actor} />
          {r.target !== '' && <SafeText>{` on ${r.target}`}</SafeText>}
        </span>
      </div>
    </div>
  );
}
