import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { ScanSearch, X } from 'lucide-react';
import { useCallback, useMemo, useRef } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { useFindings } from '../../api/queries';
import type { Finding } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Page } from '../../components/Page';
import { SeverityMark, SeverityTag } from '../../components/Severity';
import { ErrorNotice, Notice, SkeletonRows } from '../../components/States';
import { EvidenceLine, SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { type Column, VirtualTable } from '../../components/VirtualTable';
import { middle, percent, plural } from '../../lib/format';
import { readFilter } from '../quarantine/filters';
import classes from './Findings.module.css';

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
  const fingerprint = new URLSearchParams(search).get('fingerprint') ?? undefined;
  const filter = useMemo(() => {
    const { source, rule, severity } = readFilter(search);
    return { source, rule, severity, fingerprint };
  }, [search, fingerprint]);
  const query = useFindings(filter);
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const scroller = useRef<HTMLDivElement>(null);
  const small = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
  const more = useCallback(() => {
    if (query.hasNextPage && !query.isFetching && !query.isError) void query.fetchNextPage();
  }, [query]);

  return (
    <Page
      fill
      title="Findings"
      lead="Every place where a rule matched. Those at or above the policy's bar are in quarantine."
    >
      {fingerprint !== undefined && (
        <div className={classes.filter}>
          Sightings of one secret: <code>{middle(fingerprint, 16, 6)}</code>
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            leftSection={<X size={13} />}
            onClick={() => navigate('/findings')}
          >
            Show all
          </Button>
        </div>
      )}
      <section className={classes.pane} aria-label="Findings">
        {query.isPending && <SkeletonRows rows={12} height={22} />}
        {query.isError && rows.length === 0 && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
        {query.isSuccess && rows.length === 0 && <Empty />}
        {rows.length > 0 && (
          <VirtualTable
            label="Findings"
            columns={columns}
            rows={rows}
            idOf={(f) => f.id}
            rowHeight={small ? 66 : 38}
            card={small ? (f) => <Card finding={f} /> : undefined}
            scroller={scroller}
            onNearEnd={more}
            footer={
              <div className={classes.footer}>
                {query.isFetchingNextPage
                  ? 'Loading more…'
                  : query.isError
                    ? `The next findings could not be loaded: ${query.error.message}`
                    : !query.hasNextPage && `${plural(rows.length, 'finding')}, all loaded`}
                {query.hasNextPage && !query.isFetchingNextPage && (
                  <Button size="xs" variant="default" onClick={() => void query.fetchNextPage()}>
                    {query.isError ? 'Try again' : 'Load more'}
                  </Button>
                )}
              </div>
            }
          />
        )}
      </section>
    </Page>
  );
}

function Empty() {
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
    <Link href={`/quarantine/${encodeURIComponent(f.quarantine_id)}`}>
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
