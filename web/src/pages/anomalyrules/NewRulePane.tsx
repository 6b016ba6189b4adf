import { useMutation, useQueryClient } from '@tanstack/react-query';
import { anomalyRuleKeys, createAnomalyRule } from '../../api/anomalyRules';
import { SidePane } from '../../components/Split';
import { useToast } from '../../components/Toast';
import { RuleEditor, type Written } from './RuleEditor';

type Props = { onClose: () => void; onMade: (id: string) => void };

// To begin with: every key that a rule needs, and those that it often has.
const blank = `id: vpn_logins
description: Our VPN has few users and no patience.
on: [auth_failed]
when: attributes.service == "vpn"
by: ip
threshold: 5
window: 10m
severity: high
`;

export function NewRulePane({ onClose, onMade }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const make = useMutation({
    mutationFn: (w: Written) => createAnomalyRule(w),
    onSuccess: (r) => {
      toast(`Rule ${r.id} made; it counts what was reported within its window, too`);
      void client.invalidateQueries({ queryKey: anomalyRuleKeys.list });
      onMade(r.id);
    },
  });
  return (
    <SidePane label="New rule" noun="rule" title="New rule" onClose={onClose}>
      <RuleEditor
        label="New rule"
        verb="Make the rule"
        begin={blank}
        busy={make.isPending}
        error={make.error}
        onSave={make.mutate}
        onCancel={onClose}
      />
    </SidePane>
  );
}
