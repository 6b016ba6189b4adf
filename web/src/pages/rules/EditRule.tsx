import { Button } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { formErrors } from '../../api/errors';
import type { LoadedRule } from '../../api/rules';
import { Panel } from '../../components/Page';
import { FormError } from '../login/Entrance';
import { difference, draftFrom, fields, isOwn, tried } from './draft';
import { OwnFields, ReasonField, RegexField, WeightFields } from './RuleFields';
import classes from './Rules.module.css';
import { TryBox } from './TryBox';
import { useRuleChange } from './useRuleChange';

/** Changes what a rule matches and how much a match counts. */
export function EditRule({ rule, onDone }: { rule: LoadedRule; onDone: () => void }) {
  const [draft, setDraft] = useState(() => draftFrom(rule));
  const save = useRuleChange(rule, `Rule ${rule.id} changed`, onDone);
  const errors = formErrors(save.error, fields);
  const change = difference(rule, draft);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate({ ...change, reason: draft.reason.trim() });
  };
  const form = {
    draft,
    errors: errors.at,
    onChange: (c: Partial<typeof draft>) => setDraft((old) => ({ ...old, ...c })),
  };
  return (
    <>
      <form className={classes.form} onSubmit={submit} aria-label="Edit the rule">
        <FormError>{errors.form}</FormError>
        <RegexField {...form} />
        <WeightFields {...form} />
        {isOwn(rule) ? <OwnFields {...form} /> : <p className={classes.hint}>{fixed}</p>}
        <ReasonField {...form} />
        <div className={classes.actions}>
          <Button type="submit" disabled={Object.keys(change).length === 0} loading={save.isPending}>
            Save
          </Button>
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
        </div>
      </form>
      <Panel title="Try it before saving">
        <TryBox draft={tried(draft, rule)} />
      </Panel>
    </>
  );
}

const fixed =
  'The rest of this rule is kept by Cordon or by its file. To change more, make a rule of your own and turn this one off.';
