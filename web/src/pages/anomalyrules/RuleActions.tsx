import { Button } from '@mantine/core';
import { Pause, Pencil, Play, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { LoadedAnomalyRule } from '../../api/anomalyRules';
import { ReasonForm } from '../../components/ReasonForm';
import rules from '../rules/Rules.module.css';
import { useRuleChange, useRuleRemoval } from './useRuleChange';

type Props = { rule: LoadedAnomalyRule; onEdit: () => void; onGone: () => void };

/** What an administrator may do with a rule. One of a file is changed there; here it can be turned off. */
export function RuleActions({ rule, onEdit, onGone }: Props) {
  const [asking, setAsking] = useState<'toggle' | 'delete' | null>(null);
  const stop = () => setAsking(null);
  if (asking === 'toggle') return <Toggle rule={rule} onDone={stop} />;
  if (asking === 'delete') return <Delete rule={rule} onDone={stop} onGone={onGone} />;
  return (
    <>
      <div className={rules.actions}>
        <Action icon={rule.enabled ? <Pause size={14} /> : <Play size={14} />} onClick={() => setAsking('toggle')}>
          {rule.enabled ? 'Turn off' : 'Turn on'}
        </Action>
        {rule.origin === 'custom' && (
          <>
            <Action icon={<Pencil size={14} />} onClick={onEdit}>
              Edit
            </Action>
            <Action icon={<Trash2 size={14} />} onClick={() => setAsking('delete')}>
              Delete
            </Action>
          </>
        )}
      </div>
      {rule.origin === 'file' && (
        <p className={rules.hint}>
          This rule is changed in its file, which is read again when it changes. Here it can be turned off.
        </p>
      )}
    </>
  );
}

function Action({ icon, onClick, children }: { icon: ReactNode; onClick: () => void; children: ReactNode }) {
  return (
    <Button size="xs" variant="default" leftSection={icon} onClick={onClick}>
      {children}
    </Button>
  );
}

function Toggle({ rule, onDone }: { rule: LoadedAnomalyRule; onDone: () => void }) {
  const off = rule.enabled;
  const save = useRuleChange(rule, `Rule ${rule.id} turned ${off ? 'off' : 'on'}`, onDone);
  return (
    <ReasonForm
      verb={off ? 'Turn off' : 'Turn on'}
      danger={off}
      busy={save.isPending}
      error={save.error?.message}
      onGo={(reason) => save.mutate({ enabled: !off, reason })}
      onCancel={onDone}
    >
      {off
        ? 'This rule opens no anomaly any more, on every node. Those that are open are over.'
        : 'This rule runs again, and counts what was reported within its window before.'}
    </ReasonForm>
  );
}

function Delete({ rule, onDone, onGone }: { rule: LoadedAnomalyRule; onDone: () => void; onGone: () => void }) {
  const remove = useRuleRemoval(rule, onGone);
  return (
    <ReasonForm
      verb="Delete the rule"
      danger
      busy={remove.isPending}
      error={remove.error?.message}
      onGo={(reason) => remove.mutate(reason)}
      onCancel={onDone}
    >
      The rule is removed from every node, and its open anomalies are over. Its history and its anomalies stay.
    </ReasonForm>
  );
}
