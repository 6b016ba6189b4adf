import { Button, Checkbox, NativeSelect, NumberInput, PasswordInput, TagsInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { FormErrors } from '../../api/errors';
import { useSources } from '../../api/queries';
import { useRules } from '../../api/rules';
import type { Severity, Webhook, WebhookList } from '../../api/types';
import { findingSeverities } from '../findings/filters';
import { FormError } from '../login/Entrance';
import type { Draft, fields } from './draft';
import { Escalation } from './Escalation';
import classes from './Webhooks.module.css';

type Errors = FormErrors<(typeof fields)[number]>;
export type Shared = { presets: WebhookList['presets']; formats: WebhookList['formats'] };
type Props = Shared & {
  start: Draft;
  /** The webhook that is changed; without it a new one is made. */
  stored?: Webhook;
  errors: Errors;
  busy: boolean;
  onSave: (d: Draft) => void;
  onCancel: () => void;
};

export function WebhookForm({ start, stored, presets, formats, errors, busy, onSave, onCancel }: Props) {
  const [draft, setDraft] = useState(start);
  const change = (c: Partial<Draft>) => setDraft((old) => ({ ...old, ...c }));
  const submit = (e: FormEvent) => {
    e.preventDefault();
    onSave(draft);
  };
  const part = { draft, change, errors: errors.at };
  const keyed = formats.find((f) => f.name === draft.format)?.keyed ?? false;
  return (
    <form className={classes.form} onSubmit={submit} aria-label="Webhook">
      <FormError>{errors.form}</FormError>
      {stored === undefined && (
        <TextInput
          label="Id"
          description="Letters, digits, - and _; how you and the log call it."
          placeholder="on-call"
          required
          maxLength={64}
          value={draft.id}
          error={errors.at.id}
          onChange={(e) => change({ id: e.currentTarget.value })}
        />
      )}
      <Target {...part} formats={formats} stored={stored} />
      <Secret {...part} keyed={keyed} stored={stored} />
      <Topics {...part} presets={presets} />
      <Narrowing {...part} />
      <Escalation draft={draft} change={change} error={errors.at.escalate} />
      <TextInput
        label="Reason"
        description="Kept in the audit log."
        maxLength={2000}
        value={draft.reason}
        error={errors.at.reason}
        onChange={(e) => change({ reason: e.currentTarget.value })}
      />
      <div className={classes.actions}>
        <Button type="submit" loading={busy}>
          {stored === undefined ? 'Add the webhook' : 'Save'}
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

type Part = { draft: Draft; change: (c: Partial<Draft>) => void; errors: Errors['at'] };

// Where to, and how it is written.
function Target({ draft, change, errors, formats, stored }: Part & Pick<Props, 'formats' | 'stored'>) {
  return (
    <>
      <TextInput
        label="URL"
        description={
          stored === undefined
            ? 'It is sealed and never shown again: for many receivers it is the key.'
            : `Leads to ${stored.host}. Empty: it stays.`
        }
        placeholder="https://hooks.example.com/cordon"
        required={stored === undefined}
        autoComplete="off"
        spellCheck={false}
        maxLength={4096}
        value={draft.url}
        error={errors.url}
        onChange={(e) => change({ url: e.currentTarget.value })}
      />
      <Checkbox
        label="It may lead to a loopback or private address"
        checked={draft.allow_private}
        error={errors.allow_private}
        onChange={(e) => change({ allow_private: e.currentTarget.checked })}
      />
      <NativeSelect
        label="Format"
        data={formats.map((f) => f.name)}
        value={draft.format}
        error={errors.format}
        onChange={(e) => change({ format: e.currentTarget.value, secret: '', new_secret: false })}
      />
    </>
  );
}

function Secret({ draft, change, errors, keyed, stored }: Part & { keyed: boolean; stored?: Webhook }) {
  const stays = stored?.format === draft.format ? 'Empty: it stays.' : '';
  return (
    <>
      <PasswordInput
        label={keyed ? 'Routing key' : 'Signing secret'}
        description={stays || (keyed ? 'Of the receiver.' : 'Empty: the server makes one and shows it once.')}
        autoComplete="new-password"
        required={keyed && stays === ''}
        maxLength={256}
        disabled={draft.new_secret}
        value={draft.secret}
        error={errors.secret}
        onChange={(e) => change({ secret: e.currentTarget.value })}
      />
      {stays !== '' && !keyed && (
        <Checkbox
          label="Make a new signing secret, shown once"
          checked={draft.new_secret}
          error={errors.new_secret}
          onChange={(e) => change({ new_secret: e.currentTarget.checked, secret: '' })}
        />
      )}
    </>
  );
}

// What it hears of: names for lists of topics, and patterns.
function Topics({ draft, change, errors, presets }: Part & Pick<Props, 'presets'>) {
  return (
    <>
      <Checkbox.Group
        label="Topics"
        description="What it hears of. Pick names that stand for many, or write patterns."
        value={draft.presets}
        error={errors.presets}
        onChange={(v) => change({ presets: v })}
      >
        <div className={classes.presets}>
          {presets.map((p) => (
            <Checkbox
              key={p.name}
              value={p.name}
              label={p.name}
              description={p.purpose}
              title={p.patterns.join('\n')}
            />
          ))}
        </div>
      </Checkbox.Group>
      <TagsInput
        label="Patterns"
        description="* is one token, > one or more at the end; Enter ends each."
        placeholder={draft.topics.length === 0 ? 'leak.source.*.state' : undefined}
        className={classes.mono}
        maxTags={64}
        value={draft.topics}
        error={errors.topics}
        onChange={(topics) => change({ topics })}
      />
    </>
  );
}

// Of what it hears, only this is sent.
function Narrowing({ draft, change, errors }: Part) {
  const rules = useRules().data?.map((r) => r.id) ?? [];
  const sources = useSources().data?.items.map((s) => s.id) ?? [];
  return (
    <fieldset className={classes.narrowing}>
      <legend>Only events</legend>
      <div className={classes.pair}>
        <NativeSelect
          label="Of severity"
          data={findingSeverities.map((s) => ({ value: s, label: s === 'info' ? 'any' : `${s} or worse` }))}
          value={draft.min_severity}
          error={errors.min_severity}
          onChange={(e) => change({ min_severity: e.currentTarget.value as Severity })}
        />
        <NumberInput
          label="Of confidence, %"
          description="At least."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          min={0}
          max={100}
          allowDecimal={false}
          value={draft.min_confidence}
          error={errors.min_confidence}
          onChange={(v) => change({ min_confidence: v === '' ? '' : Number(v) })}
        />
      </div>
      <TagsInput
        label="Of these rules"
        description="Empty: all."
        data={rules}
        limit={8}
        maxTags={64}
        value={draft.rules}
        error={errors.rules}
        onChange={(v) => change({ rules: v })}
      />
      <TagsInput
        label="Of these sources"
        description="Empty: all."
        data={sources}
        limit={8}
        maxTags={64}
        value={draft.sources}
        error={errors.sources}
        onChange={(v) => change({ sources: v })}
      />
    </fieldset>
  );
}
