import { CopyButton } from '../../components/Copy';
import { SafeText } from '../../components/Text';
import { plain } from '../../lib/text';
import classes from './Gateway.module.css';
import { shortId } from './shorten';

/** A libp2p peer id, shortened where people compare it: at both ends. */
export function PeerId({ id }: { id: string }) {
  return (
    <span className={classes.peer} title={plain(id)}>
      <SafeText mono>{shortId(id)}</SafeText>
      <CopyButton value={id} label="peer id" />
    </span>
  );
}
