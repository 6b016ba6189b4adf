import { Snippet } from '../../components/Copy';
import { Panel } from '../../components/Page';
import { SidePane } from '../../components/Split';
import classes from './Rules.module.css';
import { TryBox } from './TryBox';

/** The rules as they run now, on a text of the reader's. */
export function TryPane({ onClose }: { onClose: () => void }) {
  return (
    <SidePane label="Try the rules" noun="rule" title="Try the rules" onClose={onClose}>
      <p className={classes.hint}>Every rule that is on reads the text, decoders included, as it would a message.</p>
      <TryBox />
      <Panel title="The same elsewhere">
        <Snippet label="CLI">cordon rules test PATH</Snippet>
        <Snippet label="CLI">cordon scan PATH</Snippet>
      </Panel>
    </SidePane>
  );
}
