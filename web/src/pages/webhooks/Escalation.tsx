import { ActionIcon, Button, NativeSelect, NumberInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useWebhooks } from '../../api/webhooks';
import type { Draft } from './draft';
import { mostSteps, type Step, type Unit, units, withStep } from './steps';
import classes from './Webhooks.module.css';

type Props = { draft: Draft; change: (c: Partial<Draft>) => void; error: string | undefined };

/** Who else is told of an incident that nobody acknowledges. */
export function Escalation({ draft, change, error }: Props) {
  const others = useWebhooks().data?.items.map((w) => w.id) ?? [];
  const known = [...new Set([...others.filter((w) => w !== draft.id), ...(draft.id === '' ? [] : [draft.id])])];
  const all = draft.escalate;
  const set = (escalate: Step[]) => change({ escalate });
  return (
    <fieldset className={classes.narrowing}>
      <legend>If nobody acknowledges an incident</legend>
      {all.length === 0 && <p className={classes.hint}>Nobody else is told.</p>}
      {all.map((s, i) => (
        <StepRow
          key={s.key}
          nth={i + 1}
          step={s}
          self={draft.id}
          known={known}
          onChange={(c) => set(all.map((o) => (o.key === s.key ? { ...o, ...c } : o)))}
          onRemove={() => set(all.filter((o) => o.key !== s.key))}
        />
      ))}
      {error !== undefined && (
        <p className={classes.wrong} role="alert">
          {error}
        </p>
      )}
      {all.length < mostSteps && (
        <Button
          className={classes.more}
          size="xs"
          variant="default"
          leftSection={<Plus size={14} />}
          disabled={known.length === 0}
          onClick={() => set(withStep(all, known.find((w) => all.every((s) => s.to !== w)) ?? known[0] ?? ''))}
        >
          {all.length === 0 ? 'Tell another webhook' : 'Then tell another'}
        </Button>
      )}
    </fieldset>
  );
}

type RowProps = {
  nth: number;
  step: Step;
  self: string;
  known: string[];
  onChange: (c: Partial<Step>) => void;
  onRemove: () => void;
};

function StepRow({ nth, step, self, known, onChange, onRemove }: RowProps) {
  const named = (id: string) => (id === self ? `${id} (this one, again)` : id);
  const gone = known.includes(step.to) ? [] : [{ value: step.to, label: `${step.to} (is not there)` }];
  return (
    <div className={classes.step}>
      <NumberInput
        aria-label={`Step ${nth}: after`}
        leftSection={<span className={classes.after}>after</span>}
        leftSectionWidth={46}
        min={1}
        max={604_800}
        required
        allowDecimal={false}
        value={step.amount}
        onChange={(v) => onChange({ amount: v === '' ? '' : Number(v) })}
      />
      <NativeSelect
        aria-label={`Step ${nth}: unit of time`}
        data={Object.entries(units).map(([value, label]) => ({ value, label }))}
        value={step.unit}
        onChange={(e) => onChange({ unit: e.currentTarget.value as Unit })}
      />
      <NativeSelect
        aria-label={`Step ${nth}: webhook that is told`}
        data={[...gone, ...known.map((value) => ({ value, label: named(value) }))]}
        value={step.to}
        onChange={(e) => onChange({ to: e.currentTarget.value })}
      />
      <ActionIcon variant="default" size={36} aria-label={`Remove step ${nth}`} onClick={onRemove}>
        <X size={15} />
      </ActionIcon>
    </div>
  );
}
