import { Button } from '@mantine/core';
import { FileUp, FlaskConical, Plus } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useLocation, useParams, useSearch } from 'wouter';
import { useMe } from '../../api/queries';
import { useRules } from '../../api/rules';
import type { Rule } from '../../api/types';
import { KeyHelp, KeyHelpButton } from '../../components/KeyHelp';
import { Page } from '../../components/Page';
import { Split } from '../../components/Split';
import { count } from '../../lib/format';
import { listKeyHelp } from '../../lib/listKeys';
import { includes } from '../../lib/roles';
import { useListNav } from '../../lib/useListNav';
import { narrow, type RuleFilter, readFilter, type Sorting, sorted, writeFilter } from './filters';
import { ImportDialog } from './ImportDialog';
import { NewRulePane } from './NewRulePane';
import { RuleFilters } from './RuleFilters';
import { RuleList } from './RuleList';
import { RulePane } from './RulePane';
import { TryPane } from './TryPane';

type Tool = 'try' | 'new';

export function RulesPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const openId = useParams<{ id?: string }>().id;
  const filter = useMemo(() => readFilter(search), [search]);
  const [sorting, setSorting] = useState<Sorting>('name');
  const [tool, setTool] = useState<Tool | null>(null);
  const [importing, setImporting] = useState(false);
  const role = useMe().data?.role;
  const isAdmin = includes(role, 'admin');
  const canTry = includes(role, 'reviewer');
  const query = useRules();
  const all = query.data ?? [];
  const rows = useMemo(() => sorted(narrow(all, filter), sorting), [all, filter, sorting]);

  const filterInput = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const go = (f: RuleFilter, id?: string, replace = false) =>
    navigate(`/rules${id === undefined ? '' : `/${encodeURIComponent(id)}`}${writeFilter(f)}`, { replace });
  const open = (r: Rule) => {
    setTool(null);
    go(filter, r.id, openId !== undefined);
  };
  const close = () => {
    setTool(null);
    go(filter);
    scroller.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
  };
  const start = (t: Tool) => {
    setTool(t);
    if (openId !== undefined) go(filter);
  };
  const made = (id: string) => {
    setTool(null);
    go(filter, id);
  };
  const aside = tool ?? openId;
  const nav = useListNav({
    rows,
    idOf: (r) => r.id,
    openId: aside,
    onOpen: open,
    onClose: close,
    filterInput,
    blocked: importing,
  });

  return (
    <Page
      fill
      title="Rules"
      lead={<Lead rules={query.data} />}
      actions={
        <>
          {canTry && (
            <Button size="xs" variant="default" leftSection={<FlaskConical size={14} />} onClick={() => start('try')}>
              Try it
            </Button>
          )}
          {isAdmin && (
            <>
              <Button size="xs" variant="default" leftSection={<FileUp size={14} />} onClick={() => setImporting(true)}>
                Import
              </Button>
              <Button size="xs" leftSection={<Plus size={14} />} onClick={() => start('new')}>
                New rule
              </Button>
            </>
          )}
          <KeyHelpButton onClick={() => nav.setHelp(true)} />
        </>
      }
    >
      <RuleFilters
        rules={all}
        filter={filter}
        onChange={(f) => go(f, openId, true)}
        sorting={sorting}
        onSort={setSorting}
        focus={filterInput}
        open={aside !== undefined}
      />
      <Split open={aside !== undefined}>
        <RuleList
          query={query}
          rows={rows}
          cursor={tool === null ? nav.cursor : -1}
          narrow={aside !== undefined}
          scroller={scroller}
          onPick={open}
          onClear={() => go({ text: '', severity: [] })}
        />
        {tool === 'try' && <TryPane onClose={close} />}
        {tool === 'new' && <NewRulePane onClose={close} onMade={made} />}
        {tool === null && openId !== undefined && (
          <RulePane
            key={openId}
            id={openId}
            isAdmin={isAdmin}
            canTry={canTry}
            position={nav.position}
            onStep={nav.step}
            onClose={close}
          />
        )}
      </Split>
      <KeyHelp open={nav.help} onClose={() => nav.setHelp(false)} keys={listKeyHelp('rule')} />
      <ImportDialog open={importing} onClose={() => setImporting(false)} />
    </Page>
  );
}

function Lead({ rules }: { rules: Rule[] | undefined }) {
  if (rules === undefined) return 'What counts as a secret.';
  const on = rules.filter((r) => r.active).length;
  return `What counts as a secret. ${count(rules.length)} rules, ${count(on)} of them on.`;
}
