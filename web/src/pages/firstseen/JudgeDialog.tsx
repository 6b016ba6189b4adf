import { Radio } from '@mantine/core';
import { useState } from 'react';
import { useMe } from '../../api/queries';
import type { EgressEndpoint, EndpointVerdict } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SafeText } from '../../components/Text';
import { includes } from '../../lib/roles';
import { target } from '../decisions/target';
import classes from './FirstSeen.module.css';
import { allows, denies, programOf } from './verdicts';

type Props = {
  endpoint: EgressEndpoint;
  allow: boolean;
  onJudge: (verdict: EndpointVerdict, reason: string) => Promise<unknown>;
  onClose: () => void;
};

/** Asks how far a verdict goes, and why. */
export function JudgeDialog({ endpoint: e, allow, onJudge, onClose }: Props) {
  const admin = includes(useMe().data?.role, 'admin');
  const options = (allow ? allows : denies).filter((o) => admin || o.verdict === 'deny');
  const [verdict, setVerdict] = useState<EndpointVerdict>(allow ? 'allow_once' : 'deny');
  return (
    <ReasonDialog
      title={`${allow ? 'Allow' : 'Deny'} ${target(e)}`}
      verb={allow ? 'Allow' : 'Deny'}
      danger={verdict === 'denylist'}
      needed
      run={(reason) => onJudge(verdict, reason)}
      onClose={onClose}
    >
      <p className={classes.note}>
        Asked for by <SafeText mono>{programOf(e)}</SafeText>.
      </p>
      <Radio.Group
        aria-label="How far"
        value={verdict}
        onChange={(v) => setVerdict(options.find((o) => o.verdict === v)?.verdict ?? verdict)}
      >
        <div className={classes.options}>
          {options.map((o) => (
            <Radio key={o.verdict} size="xs" value={o.verdict} label={o.label} description={o.what} />
          ))}
        </div>
      </Radio.Group>
    </ReasonDialog>
  );
}
