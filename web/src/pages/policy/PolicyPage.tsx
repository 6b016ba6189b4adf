import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { egressKeys, type LoadedPolicy, useEgress, usePolicy, useVersion } from '../../api/egress';
import { EgressError } from '../../components/EgressOff';
import { Page, Panel } from '../../components/Page';
import { Notice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { plural } from '../../lib/format';
import { Compare, type Pair } from './Compare';
import { type Draft, Editor } from './Editor';
import { History } from './History';
import classes from './Policy.module.css';

/** What may leave: the policy in force, what a change of it would do, and its past. */
export function PolicyPage() {
  const query = usePolicy();
  useFreshness(query.data === undefined ? undefined : (query.data?.version ?? 0));
  const [view, setView] = useState<View>({});
  const [draft, setDraft] = useState<Draft | undefined>(undefined);
  const [round, setRound] = useState(0);
  useLeaveWarning(draft !== undefined);
  const done = () => {
    if (view.chosen === undefined) setDraft(undefined);
    setView({});
    setRound(round + 1); // the editor begins anew
  };
  return (
    <Page title="Policy" lead="What may leave this node, and who. The file on the node is written with every change.">
      {query.isPending && <SkeletonRows rows={12} height={22} />}
      {query.isError && query.data === undefined && (
        <EgressError error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data !== undefined && (
        <>
          <State />
          <div className={classes.columns}>
            {view.pair === undefined ? (
              <Body
                key={`${view.chosen ?? 'now'} ${round}`}
                inForce={query.data}
                chosen={view.chosen}
                draft={view.chosen === undefined ? draft : undefined}
                onDraft={setDraft}
                onDone={done}
              />
            ) : (
              <Compare pair={view.pair} onBack={() => setView({})} />
            )}
            <History
              current={query.data?.version}
              chosen={view.chosen}
              onChoose={(chosen) => setView({ chosen })}
              onCompare={(pair) => setView({ pair })}
            />
          </div>
        </>
      )}
    </Page>
  );
}

/** What the page shows beside the history: a draft, an earlier version, or two versions compared. */
type View = { chosen?: number; pair?: Pair };

// The status is asked for again and again; when it speaks of another version, the policy is read again.
function useFreshness(shown: number | undefined) {
  const client = useQueryClient();
  const version = useEgress().data?.version;
  useEffect(() => {
    if (version === undefined || shown === undefined || version === shown) return;
    void client.invalidateQueries({ queryKey: egressKeys.policy });
    void client.invalidateQueries({ queryKey: egressKeys.versions });
  }, [client, version, shown]);
}

// The browser asks before a draft is lost.
function useLeaveWarning(unsaved: boolean) {
  useEffect(() => {
    if (!unsaved) return;
    const ask = (e: BeforeUnloadEvent) => e.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [unsaved]);
}

type BodyProps = {
  inForce: LoadedPolicy | null;
  chosen: number | undefined;
  draft: Draft | undefined;
  onDraft: (draft: Draft | undefined) => void;
  onDone: () => void;
};

function Body({ inForce, chosen, draft, onDraft, onDone }: BodyProps) {
  const old = useVersion(chosen);
  if (chosen !== undefined && old.isPending) return <SkeletonRows rows={12} height={22} />;
  if (chosen !== undefined && old.isError) {
    return <EgressError error={old.error} onRetry={() => void old.refetch()} />;
  }
  return (
    <Editor
      inForce={inForce}
      begin={old.data?.document ?? inForce?.document ?? starter}
      from={chosen}
      draft={draft}
      onDraft={onDraft}
      onDone={onDone}
    />
  );
}

const starter = `mode: strict
default_policy: deny
allowlist:
  rules: []
`;

function State() {
  const s = useEgress().data;
  if (s === undefined) return null;
  if (s.problem !== '') {
    return (
      <div className={classes.problem} role="alert">
        <strong>The policy file is not in force; version {s.version} is.</strong>
        <SafeText mono>{s.problem}</SafeText>
      </div>
    );
  }
  if (s.version === 0) {
    return (
      <Notice title="There is no policy yet">
        <p>Everything is denied until there is one. The draft below allows nothing; add what your programs need.</p>
      </Notice>
    );
  }
  return (
    <Panel>
      <p className={classes.summary}>
        Version {s.version}: mode <strong>{s.mode}</strong>, what no rule names is{' '}
        <strong>{s.default_policy === 'allow' ? 'allowed' : 'denied'}</strong>, {plural(s.rules, 'rule')}
        {!s.network_enabled && ', the network is disabled'}
        {s.localhost_only && ', this machine only'}.
      </p>
      {s.unsupported.map((u) => (
        <p key={u.key} className={classes.note}>
          Line {u.line}: <code>{u.key}</code>: <SafeText>{u.meaning}</SafeText>
        </p>
      ))}
    </Panel>
  );
}
