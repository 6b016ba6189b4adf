import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { OctagonX, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { egressKeys, turnKillSwitch, useEgress } from '../../api/egress';
import { useMe } from '../../api/queries';
import type { EgressStatus } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { EgressError } from '../../components/EgressOff';
import { Facts } from '../../components/Facts';
import { Page, Panel } from '../../components/Page';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { useToast } from '../../components/Toast';
import { plural } from '../../lib/format';
import { includes } from '../../lib/roles';
import classes from './KillSwitch.module.css';

/** One switch that stops everything that goes out of this node. */
export function KillSwitchPage() {
  const { data, isPending, isError, error, refetch } = useEgress();
  const [asking, setAsking] = useState(false);
  return (
    <Page
      title="Kill switch"
      lead="Severs every connection through this node's gateway and refuses new ones, until an administrator lifts it. It stays on over a restart."
    >
      {isPending && <SkeletonRows rows={4} height={40} />}
      {isError && data === undefined && <EgressError error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <>
          <Switch status={data} onTurn={() => setAsking(true)} />
          <Panel title="Without this page">
            <p className={classes.other}>Whoever is on the machine can stop everything, whatever else has failed:</p>
            <Snippet label="CLI">cordon egress killswitch on --reason "why"</Snippet>
            <Snippet label="signal">kill -USR1 PID</Snippet>
          </Panel>
        </>
      )}
      {asking && data !== undefined && <Turn status={data} onClose={() => setAsking(false)} />}
    </Page>
  );
}

function Switch({ status: s, onTurn }: { status: EgressStatus; onTurn: () => void }) {
  const k = s.kill_switch;
  const Icon = k.active ? OctagonX : ShieldCheck;
  return (
    <section className={classes.switch} data-active={k.active || undefined} aria-label="State of the kill switch">
      <div className={classes.state} role="status">
        <Icon size={42} aria-hidden="true" />
        <div>
          <h2>{k.active ? 'Everything is stopped' : 'The policy decides'}</h2>
          <p>{k.active ? 'Nothing leaves through this node.' : `${plural(s.flows, 'connection')} open now.`}</p>
        </div>
      </div>
      {k.active && (
        <Facts
          items={[
            ['Reason', <SafeText key="r">{k.reason}</SafeText>],
            ['Turned on by', <SafeText key="b">{k.by}</SafeText>],
            ['Since', k.since === null ? null : <Stamp key="s" at={k.since} />],
          ]}
        />
      )}
      <TurnButton active={k.active} onClick={onTurn} />
    </section>
  );
}

function TurnButton({ active, onClick }: { active: boolean; onClick: () => void }) {
  const role = useMe().data?.role;
  const needs = active ? 'admin' : 'responder';
  if (!includes(role, needs)) {
    return (
      <p className={classes.other}>
        {active ? 'Only an administrator may lift it.' : 'A responder or an administrator may turn it on.'} Your role is{' '}
        {role}.
      </p>
    );
  }
  return active ? (
    <Button variant="default" onClick={onClick}>
      Let the policy decide again
    </Button>
  ) : (
    <Button color="red.9" size="lg" leftSection={<OctagonX size={20} />} onClick={onClick}>
      Stop everything
    </Button>
  );
}

function Turn({ status: s, onClose }: { status: EgressStatus; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const on = !s.kill_switch.active;
  const run = async (reason: string) => {
    const now = await turnKillSwitch(on, reason);
    client.setQueryData<EgressStatus>(egressKeys.status, (old) => old && { ...old, kill_switch: now });
    void client.invalidateQueries({ queryKey: egressKeys.all });
    if (now.active !== on) throw new Error(`It stays on: ${now.reason}`); // a sentinel file holds it
    toast(on ? 'Everything is stopped' : 'The policy decides again');
  };
  return (
    <ReasonDialog
      title={on ? 'Stop everything' : 'Lift the kill switch'}
      verb={on ? 'Stop everything' : 'Lift it'}
      danger={on}
      needed
      run={run}
      onClose={onClose}
    >
      {on ? (
        <p>
          {plural(s.flows, 'open connection')} of this node will be cut, idle ones too, and every new one refused.
          Programs see that as a network that fails.
        </p>
      ) : (
        <p>New connections are decided by the policy again. What was cut does not come back by itself.</p>
      )}
    </ReasonDialog>
  );
}
