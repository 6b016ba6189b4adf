import { useMediaQuery } from '@mantine/hooks';
import { FilterX, ScanSearch } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { type FindingFilter, findings } from '../../api/calls';
import { useFindings, useNextPage } from '../../api/queries';
import type { Finding } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { ExportButton } from '../../components/ExportButton';
import { KeyHelp, KeyHelpButton } from '../../components/KeyHelp';
import { ListFooter } from '../../components/ListFooter';
import { Page } from '../../components/Page';
import { SeverityMark, SeverityTag } from '../../components/Severity';
import { ListSide, Split } from '../../components/Split';
import { ErrorNotice, Notice, SkeletonRows } from '../../components/States';
import { EvidenceLine, SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { type Column, VirtualTable } from '../../components/VirtualTable';
import { percent } from '../../lib/format';
import { listKeyHelp } from '../../lib/listKeys';
import { useListNav } from '../../lib/useListNav';
import { exported } from './export';
import { FindingFilters } from './FindingFilters';
import { FindingPane } from './FindingPane';
import classes from './Findings.module.css';
import { readFilter, writeFilter } from './filters';

const columns: Column<Finding>[] = [
  { name: 'Severity', width: '92px', cell: (f) => <SeverityTag severity={f.severity} /> },
  { name: 'Rule', width: 'minmax(150px, 1fr)', cell: (f) => <SafeText mono>{f.rule}</SafeText> },
  { name: 'Secret, redacted', width: 'minmax(120px, 1fr)', cell: (f) => <EvidenceLine>{f.redacted}</EvidenceLine> },
  { name: 'Field', width: 'minmax(110px, 1fr)', cell: (f) => <Field finding={f} /> },
  { name: 'Source', width: 'minmax(100px, 0.8fr)', cell: (f) => <SafeText>{f.source}</SafeText> },
  { name: 'Confidence', width: '76px', cell: (f) => <span className="num">{percent(f.confidence)}</span> },
  { name: 'Found', width: '88px', cell: (f) => <Ago at={f.occurred_at} /> },
  { name: 'Entry', width: '72px', cell: (f) => <Entry finding={f} /> },
];

/** Every hit of a rule, those below the bar of quarantine too. */
export function FindingsPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const filter = useMemo(() => readFilter(search), [search]);
  const openId = new URLSearchParams(search).get('open') ?? undefined;
  const query = useFindings(filter);
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const ruleIds = useMemo(() => [...new Set(rows.map((r) => r.rule))].sort(), [rows]);
  const setFilter = (f: FindingFilter) => navigate(`/findings${writeFilter(f)}`, { replace: true });
  const open = (f: Finding) => navigate(`/findings${writeFilter(filter, f.id)}`, { replace: openId !== undefined });

  const filterInput = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const close = () => {
    navigate(`/findings${writeFilter(filter)}`);
    scroller.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
  };
  const nav = useListNav({ rows, idOf: (f) => f.id, openId, onOpen: open, onClose: close, filterInput });
  const more = useNextPage(query, rows.length);
  const small = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
  const cards = small || openId !== undefined;

  return (
    <Page
      fill
      title="Findings"
      lead="Every place where a rule matched. Those at or above the policy's bar are in quarantine."
      actions={
        <>
          <ExportButton
            name="findings"
            columns={exported}
            pages={(cursor) => findings({ ...filter, limit: 500, cursor })}
          />
          <KeyHelpButton onClick={() => nav.setHelp(true)} />
        </>
      }
    >
      <FindingFilters
        filter={filter}
        onChange={setFilter}
        rules={ruleIds}
        focus={filterInput}
        open={openId !== undefined}
      />
      <Split open={openId !== undefined}>
        <ListSide label="Findings">
          {query.isPending && <SkeletonRows rows={12} height={22} />}
          {query.isError && rows.length === 0 && (
            <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
          )}
          {query.isSuccess && rows.length === 0 && <Empty narrowed={writeFilter(filter) !== ''} />}
          {rows.length > 0 && (
            <VirtualTable
              label="Findings"
              columns={columns}
              rows={rows}
              idOf={(f) => f.id}
              rowHeight={cards ? 66 : 38}
              card={cards ? (f) => <Card finding={f} /> : undefined}
              scroller={scroller}
              cursor={nav.cursor}
              onPick={open}
              onNearEnd={more}
              footer={<ListFooter shown={rows.length} one="finding" many="findings" query={query} />}
            />
          )}
        </ListSide>
        {openId !== undefined && (
          <FindingPane
            finding={rows[nav.cursor]}
            position={nav.position && { ...nav.position, more: query.hasNextPage }}
            onStep={nav.step}
            onClose={close}
          />
        )}
      </Split>
      <KeyHelp open={nav.help} onClose={() => nav.setHelp(false)} keys={listKeyHelp('finding')} />
    </Page>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  if (narrowed) {
    return (
      <Notice icon={<FilterX size={26} />} title="No finding matches">
        <p>There may be findings outside this filter.</p>
      </Notice>
    );
  }
  return (
    <Notice icon={<ScanSearch size={26} />} title="No findings">
      <p>No rule has matched anything here. To test the rules on files of your own:</p>
      <Snippet label="CLI">cordon scan PATH</Snippet>
    </Notice>
  );
}

function Field({ finding: f }: { finding: Finding }) {
  const behind = f.decoders.length === 0 ? '' : ` behind ${f.decoders.join(' → ')}`;
  return (
    <span title={behind || undefined}>
      {f.field === '' ? <span className={classes.quiet}>raw bytes</span> : <SafeText mono>{f.field}</SafeText>}
      {behind !== '' && <span className={classes.quiet}>{behind}</span>}
    </span>
  );
}

function Entry({ finding: f }: { finding: Finding }) {
  if (f.quarantine_id === null || f.quarantine_id === '') return <span className={classes.quiet}>below bar</span>;
  return (
    <Link href={`/quarantine/${encodeURIComponent(f.quarantine_id)}`} onClick={(e) => e.stopPropagation()}>
      open<span className="sr-only"> the entry of {f.rule}</span>
    </Link>
  );
}

function Card({ finding: f }: { finding: Finding }) {
  return (
    <div className={classes.card}>
      <div className={classes.line}>
        <SeverityMark severity={f.severity} />
        <span className={classes.grow}>
          <SafeText mono>{f.rule}</SafeText>
          <span className="sr-only">, {f.severity}</span>
        </span>
        <Entry finding={f} />
      </div>
      <EvidenceLine>{f.redacted}</EvidenceLine>
      <div className={classes.line}>
        <span className={classes.grow}>
          <SafeText>{f.source}</SafeText> <Field finding={f} />
        </span>
        <Ago at={f.occurred_at} />
      </div>
    </div>
  );
}
