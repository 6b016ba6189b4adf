import { useState } from 'react';
import { type LoadedPolicy, useEgress, usePolicy, useVersion } from '../../api/egress';
import { EgressError } from '../../components/EgressOff';
import { Page, Panel } from '../../components/Page';
import { Notice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { plural } from '../../lib/format';
import { Editor } from './Editor';
import { History } from './History';
import classes from './Policy.module.css';

/** What may leave: the policy in force, what a change of it would do, and its past. */
export function PolicyPage() {
  const query = usePolicy();
  const [chosen, setChosen] = useState<number | undefined>(undefined);
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
            <Body inForce={query.data} chosen={chosen} onDone={() => setChosen(undefined)} />
            <History current={query.data?.version} chosen={chosen} onChoose={setChosen} />
          </div>
        </>
      )}
    </Page>
  );
}

type BodyProps = { inForce: LoadedPolicy | null; chosen: number | undefined; onDone: () => void };

// The editor begins anew with another version, and with one that somebody else made meanwhile.
function Body({ inForce, chosen, onDone }: BodyProps) {
  const old = useVersion(chosen);
  if (chosen !== undefined && old.isPending) return <SkeletonRows rows={12} height={22} />;
  if (chosen !== undefined && old.isError) {
    return <EgressError error={old.error} onRetry={() => void old.refetch()} />;
  }
  return (
    <Editor
      key={chosen ?? 'new'}
      inForce={inForce}
      begin={old.data?.document ?? inForce?.document ?? starter}
      from={chosen}
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
