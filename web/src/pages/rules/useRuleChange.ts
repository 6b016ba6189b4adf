import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError } from '../../api/errors';
import { deleteRule, type LoadedRule, ruleKeys, updateRule } from '../../api/rules';
import type { RuleUpdate } from '../../api/types';
import { useToast } from '../../components/Toast';

/** Changes a rule as it was read: somebody else's change meanwhile is refused, and shown. */
export function useRuleChange(rule: LoadedRule, said: string, onDone: () => void) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (b: RuleUpdate) => updateRule(rule, b),
    onSuccess: () => {
      toast(said);
      void client.invalidateQueries({ queryKey: ruleKeys.all });
      onDone();
    },
    onError: (e) => {
      if (!(e instanceof ApiError && e.status === 412)) return;
      toast('Somebody else changed this rule meanwhile. It was loaded again: look at it and decide anew.', true);
      void client.invalidateQueries({ queryKey: ruleKeys.all });
      onDone();
    },
  });
}

export function useRuleRemoval(rule: LoadedRule, onDone: () => void) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (reason: string) => deleteRule(rule, reason),
    onSuccess: () => {
      toast(`Rule ${rule.id} deleted`);
      client.removeQueries({ queryKey: ruleKeys.one(rule.id) });
      void client.invalidateQueries({ queryKey: ruleKeys.list });
      onDone();
    },
  });
}
