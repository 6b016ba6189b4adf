import { Button } from '@mantine/core';
import { Pause, Pencil, Play, Trash2, Undo2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { LoadedRule } from '../../api/rules';
import type { RuleUpdate } from '../../api/types';
import { ReasonForm } from '../../components/ReasonForm';
import { isOwn } from './draft';
import classes from './Rules.module.css';
import { useRuleChange, useRuleRemoval } from './useRuleChange';

type Props = { rule: LoadedRule; onEdit: () => void; onGone: () => void };

/** What an administrator may do with a rule. Those that come with Cordon can be turned off, not deleted. */
export function RuleActions({ rule, onEdit, onGone }: Props) {
  const [asking, setAsking] = useState<'toggle' | 'reset' | 'delete' | null>(null);
  const stop = () => setAsking(null);
  if (asking === 'toggle') return <Toggle rule={rule} onDone={stop} />;
  if (asking === 'reset') return <Reset rule={rule} onDone={stop} />;
  if (asking === 'delete') return <Delete rule={rule} onDone={stop} onGone={onGone} />;
  return (
    <div className={classes.actions}>
      <Action
        icon={rule.active ? <Pause size={14} /> : <Play size={14} />}
        onClick={() => setAsking('toggle')}
        off={rule.held}
      >
        {rule.active ? 'Turn off' : 'Turn on'}
      </Action>
      <Action icon={<Pencil size={14} />} onClick={onEdit}>
        Edit
      </Action>
      {rule.changed && (
        <Action icon={<Undo2 size={14} />} onClick={() => setAsking('reset')}>
          Undo changes
        </Action>
      )}
      {isOwn(rule) && (
        <Action icon={<Trash2 size={14} />} onClick={() => setAsking('delete')}>
          Delete
        </Action>
      )}
    </div>
  );
}

type ActionProps = { icon: ReactNode; onClick: () => void; off?: boolean; children: ReactNode };

function Action({ icon, onClick, off, children }: ActionProps) {
  return (
    <Button size="xs" variant="default" leftSection={icon} onClick={onClick} disabled={off}>
      {children}
    </Button>
  );
}

function Toggle({ rule, onDone }: { rule: LoadedRule; onDone: () => void }) {
  const verb = rule.active ? 'Turn off' : 'Turn on';
  return (
    <Change
      rule={rule}
      verb={verb}
      danger={rule.active}
      change={{ active: !rule.active }}
      said={`Rule ${rule.id} turned ${rule.active ? 'off' : 'on'}`}
      onDone={onDone}
    >
      {rule.active
        ? 'What this rule finds will not be found any more, on every node, from the next message on.'
        : 'This rule runs again, on every node, from the next message on.'}
    </Change>
  );
}

function Reset({ rule, onDone }: { rule: LoadedRule; onDone: () => void }) {
  return (
    <Change
      rule={rule}
      verb="Undo the changes"
      change={{ reset: true }}
      said={`Rule ${rule.id} is as it was`}
      onDone={onDone}
    >
      Regex, severity, confidence and state go back to how the rule {rule.origin === 'file' ? 'is in its file' : 'came'}
      .
    </Change>
  );
}

type ChangeProps = {
  rule: LoadedRule;
  verb: string;
  danger?: boolean;
  change: RuleUpdate;
  said: string;
  onDone: () => void;
  children: ReactNode;
};

function Change({ rule, verb, danger, change, said, onDone, children }: ChangeProps) {
  const save = useRuleChange(rule, said, onDone);
  return (
    <ReasonForm
      verb={verb}
      danger={danger}
      busy={save.isPending}
      error={save.error?.message}
      onGo={(reason) => save.mutate({ ...change, reason })}
      onCancel={onDone}
    >
      {children}
    </ReasonForm>
  );
}

function Delete({ rule, onDone, onGone }: { rule: LoadedRule; onDone: () => void; onGone: () => void }) {
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
      The rule is removed from every node. Its history and what it has found stay.
    </ReasonForm>
  );
}
