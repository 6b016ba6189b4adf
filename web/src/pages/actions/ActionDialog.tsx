import { useQueryClient } from '@tanstack/react-query';
import { type ActionVerb, actionKeys, changeAction } from '../../api/actions';
import type { Action } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SafeText } from '../../components/Text';
import { useToast } from '../../components/Toast';
import { undoing, whatOf } from './words';

const looks = {
  approve: { title: 'Let the playbook do it', verb: 'Approve', done: 'It is done within seconds' },
  reject: { title: 'Refuse it', verb: 'Reject', done: 'It is not done' },
  undo: { title: 'Undo it', verb: 'Undo', done: 'It is undone' },
};

/** Asks why an action is approved, rejected or undone. */
export function ActionDialog({ action: a, verb, onClose }: { action: Action; verb: ActionVerb; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const look = looks[verb];
  const run = async (reason: string) => {
    const now = await changeAction(a.id, verb, reason);
    toast(now.result.startsWith('still ') ? `Undone; ${now.result}` : look.done);
    void client.invalidateQueries({ queryKey: actionKeys.all });
  };
  return (
    <ReasonDialog title={look.title} verb={look.verb} danger={verb === 'approve'} needed run={run} onClose={onClose}>
      <p>
        Playbook <SafeText mono>{a.playbook}</SafeText> {a.state === 'pending' ? 'wants to' : 'did'}:{' '}
        <SafeText>{whatOf(a)}</SafeText>
      </p>
      {verb === 'undo' && (
        <p>
          <SafeText>{undoing(a)}</SafeText>
        </p>
      )}
    </ReasonDialog>
  );
}
