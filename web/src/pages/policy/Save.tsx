import { useQueryClient } from '@tanstack/react-query';
import { egressKeys, type LoadedPolicy, putPolicy, rollBackPolicy } from '../../api/egress';
import { ApiError } from '../../api/errors';
import type { EgressCheck } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { useToast } from '../../components/Toast';
import { Words } from './Diff';

type Props = {
  text: string;
  begin: string;
  from?: number;
  based: LoadedPolicy | null;
  check?: EgressCheck;
  onSaved: () => void;
  onClose: () => void;
};

/** Says what will change, asks why, and puts a draft into force. A conflict closes it: the page shows that. */
export function Save({ text, begin, from, based, check, onSaved, onClose }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const renew = () => client.invalidateQueries({ queryKey: egressKeys.all });
  const run = async (reason: string) => {
    const untouched = from !== undefined && text === begin;
    try {
      const now = await (untouched ? rollBackPolicy(from, reason) : putPolicy(text, reason, based?.etag ?? null));
      toast(`Version ${now.version} of the policy is in force`);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 412) throw error;
      await renew();
      return;
    }
    await renew();
    onSaved();
  };
  return (
    <ReasonDialog title="Put the policy into force" verb="Put into force" needed run={run} onClose={onClose}>
      {check !== undefined && check.problems.length === 0 && <Words check={check} />}
      <p>
        Its tests are run first. Then it holds at once, for connections that are open too: those it denies are cut. The
        policy file on the node is replaced.
      </p>
    </ReasonDialog>
  );
}
