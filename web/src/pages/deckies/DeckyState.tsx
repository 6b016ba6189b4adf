import { WifiOff } from 'lucide-react';
import type { Decky } from '../../api/types';
import { StateTag } from '../../components/StateTag';
import { plain } from '../../lib/text';
import { useNow } from '../../lib/useNow';
import classes from './Deckies.module.css';
import { isSilent } from './services';

/** A decky's state, or that nothing is known of it any more. */
export function DeckyState({ decky: d }: { decky: Decky }) {
  const now = useNow();
  if (d.state !== 'stopped' && isSilent(d.heard_at, now)) {
    return (
      <span className={classes.silent} title={`${d.state} when it was heard of last`}>
        <WifiOff size={14} aria-hidden="true" />
        its node is silent
      </span>
    );
  }
  return (
    <span title={plain(d.detail)}>
      <StateTag state={d.state} />
    </span>
  );
}
