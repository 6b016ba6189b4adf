import { FilterX, ScanSearch } from 'lucide-react';
import { useMemo } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { type FindingFilter, findings } from '../../api/calls';
import { useFindings } from '../../api/queries';
import type { Finding } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { ExportButton } from '../../components/ExportButton';
import { ListPage } from '../../components/ListPage';
import classes from '../../components/ListPage.module.css';
import { SeverityMark, SeverityTag } from '../../components/Severity';
import { Notice } from '../../components/States';
import { EvidenceLine, SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import type { Column } from '../../components/VirtualTable';
import { percent } from '../../lib/format';
import { exported } from './export';
import { FindingFilters } from './FindingFilters';
import { FindingPane } from './FindingPane';
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
  const query = useFindings(filter);
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const ruleIds = useMemo(() => [...new Set(rows.map((r) => r.rule))].sort(), [rows]);
  const setFilter = (f: FindingFilter) => navigate(`/findings${writeFilter(f)}`, { replace: true });
  return (
    <ListPage
      title="Findings"
      lead="Every place where a rule matched. Those at or above the policy's bar are in quarantine."
      one="finding"
      many="findings"
      rows={rows}
      idOf={(f) => f.id}
      query={query}
      columns={columns}
      card={(f) => <Card finding={f} />}
      cardHeight={66}
      openId={new URLSearchParams(search).get('open') ?? undefined}
      address={(id) => `/findings${writeFilter(filter, id)}`}
      filters={(p) => <FindingFilters filter={filter} onChange={setFilter} rules={ruleIds} {...p} />}
      pane={(f, pane) => <FindingPane finding={f} {...pane} />}
      empty={<Empty narrowed={writeFilter(filter) !== ''} />}
      actions={
        <ExportButton
          name="findings"
          columns={exported}
          pages={(cursor) => findings({ ...filter, limit: 500, cursor })}
        />
      }
    />
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
