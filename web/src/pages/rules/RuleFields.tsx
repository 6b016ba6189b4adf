import { NativeSelect, NumberInput, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { FormErrors } from '../../api/errors';
import type { Rule } from '../../api/types';
import { findingSeverities } from '../findings/filters';
import type { Draft, fields } from './draft';
import classes from './Rules.module.css';

type Props = {
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
  errors: FormErrors<(typeof fields)[number]>['at'];
};

export function RegexField({ draft, onChange, errors }: Props) {
  return (
    <Textarea
      label="Regex"
      description="RE2 syntax. The group named secret, else the first group, else the whole match is the secret."
      placeholder="acme_[0-9a-f]{40}"
      className={classes.mono}
      autosize
      minRows={2}
      maxRows={10}
      maxLength={8192}
      spellCheck={false}
      required
      value={draft.regex}
      error={errors.regex}
      onChange={(e) => onChange({ regex: e.currentTarget.value })}
    />
  );
}

/** How much a match counts. */
export function WeightFields({ draft, onChange, errors }: Props) {
  return (
    <div className={classes.pair}>
      <NativeSelect
        label="Severity"
        data={[...findingSeverities]}
        value={draft.severity}
        error={errors.severity}
        onChange={(e) => onChange({ severity: e.currentTarget.value as Rule['severity'] })}
      />
      <NumberInput
        label="Confidence, %"
        min={1}
        max={100}
        allowDecimal={false}
        required
        value={draft.confidence}
        error={errors.confidence}
        onChange={(v) => onChange({ confidence: v === '' ? '' : Number(v) })}
      />
    </div>
  );
}

/** What only rules have that operators made or imported. */
export function OwnFields({ draft, onChange, errors }: Props) {
  return (
    <>
      <TextInput
        label="What it finds"
        placeholder="Acme deploy token"
        maxLength={500}
        value={draft.description}
        error={errors.description}
        onChange={(e) => onChange({ description: e.currentTarget.value })}
      />
      <TagsInput
        label="Keywords"
        description="A match must hold one of them; Enter ends each. Empty: taken from the regex."
        maxTags={128}
        value={draft.keywords}
        error={errors.keywords}
        onChange={(keywords) => onChange({ keywords })}
      />
      <div className={classes.pair}>
        <NumberInput
          label="Entropy"
          description="At least, in bits a character; 0: any."
          min={0}
          max={8}
          step={0.1}
          value={draft.entropy}
          error={errors.entropy}
          onChange={(v) => onChange({ entropy: v === '' ? '' : Number(v) })}
        />
        <TextInput
          label="Secret type"
          description="Its name in alerts. Empty: from the id."
          placeholder="ACME_DEPLOY_TOKEN"
          className={classes.mono}
          maxLength={64}
          value={draft.secret_type}
          error={errors.secret_type}
          onChange={(e) => onChange({ secret_type: e.currentTarget.value.toUpperCase() })}
        />
      </div>
      <TagsInput
        label="Tags"
        maxTags={32}
        value={draft.tags}
        error={errors.tags}
        onChange={(tags) => onChange({ tags })}
      />
      <TextInput
        label="What to do about a leak"
        placeholder="Revoke it at deploy.acme.example."
        maxLength={1000}
        value={draft.recommendation}
        error={errors.recommendation}
        onChange={(e) => onChange({ recommendation: e.currentTarget.value })}
      />
    </>
  );
}

/** Examples that the server tries before it takes the rule. */
export function ExampleFields({ draft, onChange, errors }: Props) {
  const shared = { className: classes.mono, autosize: true, minRows: 1, maxRows: 6, spellCheck: false };
  return (
    <>
      <Textarea
        label="Must be found, one a line"
        description="Tried before the rule is taken, then forgotten. Use made-up secrets."
        {...shared}
        value={draft.positives}
        error={errors.positives}
        onChange={(e) => onChange({ positives: e.currentTarget.value })}
      />
      <Textarea
        label="Must not be found, one a line"
        {...shared}
        value={draft.negatives}
        error={errors.negatives}
        onChange={(e) => onChange({ negatives: e.currentTarget.value })}
      />
    </>
  );
}

export function ReasonField({ draft, onChange, errors }: Props) {
  return (
    <TextInput
      label="Reason"
      description="Kept in the rule's history and in the audit log."
      maxLength={2000}
      value={draft.reason}
      error={errors.reason}
      onChange={(e) => onChange({ reason: e.currentTarget.value })}
    />
  );
}
