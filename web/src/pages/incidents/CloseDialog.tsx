import type { Act } from '../../api/incidents';
import type { Incident } from '../../api/types';
import { ReasonDialog } from '../../components/ReasonDialog';
import { SafeText } from '../../components/Text';
import classes from './Incidents.module.css';

type Props = {
  incident: Incident;
  action: 'resolve' | 'ignore' | 'note';
  onAct: (act: Act) => Promise<unknown>;
  onClose: () => void;
};

const words = {
  resolve: { verb: 'Resolve', what: 'It is over: say what was done. When it is seen again, it opens again.' },
  ignore: { verb: 'Ignore', what: 'It is none: say why. It stays closed, however often it is seen.' },
  note: { verb: 'Add note', what: 'The note stands in the timeline.' },
};

/** Asks for the reason, which whoever reads the incident later wants to know. */
export function CloseDialog({ incident: i, action, onAct, onClose }: Props) {
  const { verb, what } = words[action];
  return (
    <ReasonDialog
      title={verb}
      verb={verb}
      needed
      run={(reason) => onAct({ id: i.id, action, reason })}
      onClose={onClose}
    >
      <p className={classes.note}>
        <SafeText>{i.title}</SafeText>
      </p>
      <p className={classes.note}>{what}</p>
    </ReasonDialog>
  );
}
