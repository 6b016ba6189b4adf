import { TextInput } from '@mantine/core';
import { type RefObject, useId } from 'react';
import type { EventRecord } from '../../api/types';
import { Choice, Filters, SeverityChips } from '../../components/Filters';
import bar from '../../components/Filters.module.css';
import { NameInput, namesIn } from '../../components/NameInput';
import classes from './Events.module.css';
import { grades, localOf, topicsOf, utcOf, type View, writeView } from './filters';
import { nameOf, ofName, views } from './views';

type Props = {
  view: View;
  onChange: (v: View) => void;
  /** What is loaded: its topics and subjects are offered. */
  rows: EventRecord[];
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

export function EventFilters({ view, onChange, rows, focus, open }: Props) {
  const set = (name: 'since' | 'until' | 'subject' | 'cause') => (value: string | undefined) =>
    onChange({ ...view, [name]: value || undefined });
  const setTopics = (text: string) => {
    const topic = topicsOf(text);
    onChange({ ...view, topic: topic.length === 0 ? undefined : topic });
  };
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <Named view={view} onChange={onChange} />
      <NameInput
        name="Topics"
        hint="Topics, such as leak.>   /"
        maxLength={512}
        focus={focus}
        value={view.topic?.join(' ')}
        all={namesIn(rows, (r) => [r.topic])}
        onCommit={setTopics}
      />
      <NameInput
        name="In the subject"
        maxLength={256}
        value={view.subject}
        all={namesIn(rows, (r) => [r.subject])}
        onCommit={set('subject')}
      />
      <NameInput
        name="Cause"
        hint="Cause (correlation id)"
        maxLength={64}
        value={view.cause}
        all={namesIn(rows, (r) => [r.correlation_id])}
        onCommit={set('cause')}
      />
      <div className={classes.times}>
        <Time name="Since" value={view.since} onChange={set('since')} />
        <Time name="Until" value={view.until} onChange={set('until')} />
      </div>
      <SeverityChips all={grades} on={view.severity ?? []} onChange={(severity) => onChange({ ...view, severity })} />
    </Filters>
  );
}

function Named({ view, onChange }: Pick<Props, 'view' | 'onChange'>) {
  const name = nameOf(view);
  return (
    <Choice
      name="View"
      className={bar.select}
      options={[...(name === '' ? [{ value: '', label: 'Topics of your own' }] : []), ...views.map((v) => v.name)]}
      value={name}
      onChange={(value) => onChange(ofName(view, value))}
    />
  );
}

type TimeProps = { name: string; value: string | undefined; onChange: (utc: string | undefined) => void };

function Time({ name, value, onChange }: TimeProps) {
  const id = useId();
  return (
    <div className={classes.time}>
      <label htmlFor={id}>{name}</label>
      <TextInput
        id={id}
        type="datetime-local"
        size="xs"
        value={localOf(value)}
        onChange={(e) => onChange(utcOf(e.currentTarget.value))}
      />
    </div>
  );
}
