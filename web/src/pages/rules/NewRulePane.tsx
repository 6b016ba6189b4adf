import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { formErrors } from '../../api/errors';
import { createRule, ruleKeys } from '../../api/rules';
import { Panel } from '../../components/Page';
import { SidePane } from '../../components/Split';
import { useToast } from '../../components/Toast';
import { FormError } from '../login/Entrance';
import { blank, fields, made, tried } from './draft';
import { ExampleFields, OwnFields, ReasonField, RegexField, WeightFields } from './RuleFields';
import classes from './Rules.module.css';
import { TryBox } from './TryBox';

type Props = { onClose: () => void; onMade: (id: string) => void };

export function NewRulePane({ onClose, onMade }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState(blank);
  const make = useMutation({
    mutationFn: () => createRule(made(draft)),
    onSuccess: (r) => {
      toast(`Rule ${r.id} made; it runs from the next message on`);
      void client.invalidateQueries({ queryKey: ruleKeys.list });
      onMade(r.id);
    },
  });
  const errors = formErrors(make.error, fields);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    make.mutate();
  };
  const form = {
    draft,
    errors: errors.at,
    onChange: (c: Partial<typeof draft>) => setDraft((old) => ({ ...old, ...c })),
  };
  return (
    <SidePane label="New rule" noun="rule" title="New rule" onClose={onClose}>
      <form className={classes.form} onSubmit={submit} aria-label="New rule">
        <FormError>{errors.form}</FormError>
        <TextInput
          label="Id"
          description="Letters, digits, - . _; unique among the rules."
          placeholder="acme-deploy-token"
          className={classes.mono}
          required
          maxLength={128}
          value={draft.id}
          error={errors.at.id}
          onChange={(e) => form.onChange({ id: e.currentTarget.value })}
        />
        <RegexField {...form} />
        <WeightFields {...form} />
        <OwnFields {...form} />
        <ExampleFields {...form} />
        <ReasonField {...form} />
        <div className={classes.actions}>
          <Button type="submit" loading={make.isPending}>
            Make the rule
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
      <Panel title="Try it before making it">
        <TryBox draft={tried(draft)} />
      </Panel>
    </SidePane>
  );
}
