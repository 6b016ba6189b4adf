import { useMutation, useQueryClient } from '@tanstack/react-query';
import { anomalyRuleKeys, deleteAnomalyRule, type LoadedAnomalyRule, updateAnomalyRule } from '../../api/anomalyRules';
import { ApiError } from '../../api/errors';
import type { AnomalyRuleUpdate } from '../../api/types';
import { useToast } from '../../components/Toast';

/** Changes a rule as it was read: somebody else's change meanwhile is refused, and shown. */
export function useRuleChange(rule: LoadedAnomalyRule, said: string, onDone: () => void) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (b: AnomalyRuleUpdate) => updateAnomalyRule(rule, b),
    onSuccess: () => {
      toast(said);
      void client.invalidateQueries({ queryKey: anomalyRuleKeys.all });
      onDone();
    },
    onError: (e) => {
      if (!(e instanceof ApiError && e.status === 412)) return;
      toast('Somebody else changed this rule meanwhile. It was loaded again: look at it and decide anew.', true);
      void client.invalidateQueries({ queryKey: anomalyRuleKeys.all });
    },
  });
}

export function useRuleRemoval(rule: LoadedAnomalyRule, onDone: () => void) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (reason: string) => deleteAnomalyRule(rule, reason),
    onSuccess: () => {
      toast(`Rule ${rule.id} deleted`);
      client.removeQueries({ queryKey: anomalyRuleKeys.one(rule.id) });
      void client.invalidateQueries({ queryKey: anomalyRuleKeys.list });
      onDone();
    },
  });
}
