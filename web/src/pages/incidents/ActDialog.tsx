import { NativeSelect, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Act } from '../../api/incidents';
import { useMe } from '../../api/queries';
import type { Incident } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SafeText } from '../../components/Text';
import classes from './Incidents.module.css';
import { type Span, spans, untilOf } from './snooze';

/** What is asked about before it is done. */
export type Asked = 'resolve' | 'ignore' | 'note' | 'snooze' | 'assign';

type Props = {
  incident: Incident;
  action: Asked;
  onAct: (act: Act) => Promise<unknown>;
  onClose: () => void;
};

const words: Record<Asked, { verb: string; what: string }> = {
  resolve: { verb: 'Resolve', what: 'It is over: say what was done. When it is seen again, it opens again.' },
  ignore: { verb: 'Ignore', what: 'It is none: say why. It stays closed, however often it is seen.' },
  note: { verb: 'Add note', what: 'The note stands in the timeline.' },
  snooze: { verb: 'Snooze', what: 'Repeats are told to nobody until then. What makes it graver wakes it.' },
  assign: { verb: 'Assign', what: 'Whoever works on it finds it in their queue.' },
};

/** Asks for the reason, which whoever reads the incident later wants to know, and for what else is needed. */
export function ActDialog({ incident: i, action, onAct, onClose }: Props) {
  const me = useMe().data?.name ?? '';
  const [span, setSpan] = useState<Span>('shift');
  const [assignee, setAssignee] = useState(i.assignee === '' ? me : i.assignee);
  const { verb, what } = words[action];
  const more: Partial<Record<Asked, { fields: ReactNode; act: () => Partial<Act> }>> = {
    snooze: {
      fields: <For span={span} onChange={setSpan} />,
      act: () => ({ until: untilOf(span, new Date()) }),
    },
    assign: { fields: <Whom name={assignee} onChange={setAssignee} />, act: () => ({ assignee: assignee.trim() }) },
  };
  return (
    <ReasonDialog
      title={verb}
      verb={verb}
      needed={more[action] === undefined}
      run={(reason) => onAct({ id: i.id, action, reason, ...more[action]?.act() })}
      onClose={onClose}
    >
      <p className={classes.note}>
        <SafeText>{i.title}</SafeText>
      </p>
      <p className={classes.note}>{what}</p>
      {more[action]?.fields}
    </ReasonDialog>
  );
}

const For = ({ span, onChange }: { span: Span; onChange: (s: Span) => void }) => (
  <NativeSelect
    size="xs"
    label="For"
    data={spans.map((s) => ({ ...s }))}
    value={span}
    onChange={(e) => onChange(e.currentTarget.value as Span)}
  />
);

const Whom = ({ name, onChange }: { name: string; onChange: (name: string) => void }) => (
  <TextInput
    size="xs"
    label="To whom"
    description="Nobody, when left empty."
    maxLength={64}
    value={name}
    onChange={(e) => onChange(e.currentTarget.value)}
  />
);
