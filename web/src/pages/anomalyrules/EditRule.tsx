import type { LoadedAnomalyRule } from '../../api/anomalyRules';
import { Diff } from '../policy/Diff';
import { RuleEditor } from './RuleEditor';
import { useRuleChange } from './useRuleChange';

/** Changes the text of a rule. What somebody else stored meanwhile is seen in what differs. */
export function EditRule({ rule, onDone }: { rule: LoadedAnomalyRule; onDone: () => void }) {
  const save = useRuleChange(rule, `Rule ${rule.id} changed`, onDone);
  return (
    <RuleEditor
      label="Edit the rule"
      verb="Save"
      begin={rule.text}
      stored={rule.text}
      busy={save.isPending}
      error={save.error}
      onSave={save.mutate}
      onCancel={onDone}
    >
      {(text) => text !== rule.text && <Diff title="Differs from what is stored" before={rule.text} after={text} />}
    </RuleEditor>
  );
}
