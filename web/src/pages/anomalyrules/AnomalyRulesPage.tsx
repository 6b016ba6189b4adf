import { Button } from '@mantine/core';
import { Plus, TriangleAlert } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useLocation, useParams, useSearch } from 'wouter';
import { useAnomalyRules } from '../../api/anomalyRules';
import { useMe } from '../../api/queries';
import type { AnomalyRule } from '../../api/types';
import { KeyHelp, KeyHelpButton } from '../../components/KeyHelp';
import { Page } from '../../components/Page';
import { Split } from '../../components/Split';
import { SafeText } from '../../components/Text';
import { count, plural } from '../../lib/format';
import { listKeyHelp } from '../../lib/listKeys';
import { includes } from '../../lib/roles';
import { useListNav } from '../../lib/useListNav';
import rules from '../rules/Rules.module.css';
import { addressOf, narrow, noFilter, type RuleFilter, readFilter, ruleAt, stateOf, writeFilter } from './filters';
import { NewRulePane } from './NewRulePane';
import { RuleFilters } from './RuleFilters';
import { RuleList } from './RuleList';
import { RulePane } from './RulePane';

export function AnomalyRulesPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const openId = useParams<{ id?: string }>().id;
  const filter = useMemo(() => readFilter(search), [search]);
  const [making, setMaking] = useState(false);
  const role = useMe().data?.role;
  const isAdmin = includes(role, 'admin');
  const query = useAnomalyRules();
  const all = query.data?.items;
  const idOf = (r: AnomalyRule) => addressOf(r, all ?? []);
  const rows = useMemo(() => narrow(all ?? [], filter), [all, filter]);

  const filterInput = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const go = (f: RuleFilter, id?: string, replace = false) =>
    navigate(`/anomaly-rules${id === undefined ? '' : `/${encodeURIComponent(id)}`}${writeFilter(f)}`, { replace });
  const open = (r: AnomalyRule) => {
    setMaking(false);
    go(filter, idOf(r), openId !== undefined);
  };
  const close = () => {
    setMaking(false);
    go(filter);
    scroller.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
  };
  const start = () => {
    setMaking(true);
    if (openId !== undefined) go(filter);
  };
  const aside = making ? 'new' : openId;
  const nav = useListNav({ rows, idOf, openId: aside, onOpen: open, onClose: close, filterInput });

  return (
    <Page
      fill
      title="Anomaly rules"
      lead={lead(all)}
      actions={
        <>
          {isAdmin && (
            <Button size="xs" leftSection={<Plus size={14} />} onClick={start}>
              New rule
            </Button>
          )}
          <KeyHelpButton onClick={() => nav.setHelp(true)} />
        </>
      }
    >
      {query.data?.refused && (
        <p className={rules.partly} role="alert">
          <TriangleAlert size={16} aria-hidden="true" />
          <SafeText>{`The files, as they are now, are not in force; what they held before is. ${query.data.refused}`}</SafeText>
        </p>
      )}
      <RuleFilters
        filter={filter}
        onChange={(f) => go(f, openId, true)}
        focus={filterInput}
        open={aside !== undefined}
      />
      <Split open={aside !== undefined}>
        <RuleList
          query={query}
          none={all?.length === 0}
          rows={rows}
          idOf={idOf}
          cursor={making ? -1 : nav.cursor}
          narrow={aside !== undefined}
          scroller={scroller}
          onPick={open}
          onClear={() => go(noFilter)}
        />
        {making && (
          <NewRulePane
            onClose={close}
            onMade={(id) => {
              setMaking(false);
              go(filter, id);
            }}
          />
        )}
        {!making && openId !== undefined && (
          <RulePane
            key={openId}
            {...ruleAt(openId)}
            twin={ruleAt(openId).origin !== undefined && has(all, ruleAt(openId).id)}
            isAdmin={isAdmin}
            canTry={includes(role, 'reviewer')}
            maxCost={query.data?.max_cost}
            position={nav.position}
            onStep={nav.step}
            onClose={close}
          />
        )}
      </Split>
      <KeyHelp open={nav.help} onClose={() => nav.setHelp(false)} keys={listKeyHelp('rule')} />
    </Page>
  );
}

const has = (all: AnomalyRule[] | undefined, id: string) =>
  all?.some((r) => r.id === id && r.origin === 'custom') ?? false;

function lead(all: AnomalyRule[] | undefined): string {
  const what = 'What else is too much, as you say it.';
  if (all === undefined || all.length === 0) return what;
  const on = all.filter((r) => stateOf(r) === 'on').length;
  return `${what} ${plural(all.length, 'rule')}, ${count(on)} of them on.`;
}
