import { useEntry } from '../../api/queries';
import type { Quarantine, QuarantineDetail, ReviewAction } from '../../api/types';
import { Panel } from '../../components/Page';
import { ReviewTag } from '../../components/ReviewTag';
import { SeverityTag } from '../../components/Severity';
import { type Position, SidePane } from '../../components/Split';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { Evidence, SafeText } from '../../components/Text';
import { EntryFacts } from './EntryFacts';
import { EntryFindings } from './EntryFindings';
import { Equivalents } from './Equivalents';
import classes from './Quarantine.module.css';
import { ReviewBox } from './ReviewBox';
import { Timeline } from './Timeline';

type Props = {
  id: string;
  position: Position | undefined;
  canReview: boolean;
  reason: string;
  onReason: (r: string) => void;
  onReview: (entry: Quarantine, action: ReviewAction) => void;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
};

export function Drawer(p: Props) {
  const { data, isPending, isError, error, refetch } = useEntry(p.id);
  return (
    <SidePane
      label="Entry"
      noun="entry"
      title={data === undefined ? 'Entry' : <SafeText>{data.secret_type}</SafeText>}
      position={p.position}
      onStep={p.onStep}
      onClose={p.onClose}
    >
      {isPending && <SkeletonRows rows={10} />}
      {isError && data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <Body key={data.id} entry={data} {...p} />}
    </SidePane>
  );
}

function Body({ entry, ...p }: Props & { entry: QuarantineDetail }) {
  return (
    <>
      <div className={classes.tags}>
        <SeverityTag severity={entry.severity} />
        <ReviewTag entry={entry} />
      </div>
      <Evidence>{entry.redacted_content}</Evidence>
      {entry.recommendation !== '' && (
        <p className={classes.recommendation}>
          <strong>What to do:</strong> <SafeText>{entry.recommendation}</SafeText>
        </p>
      )}
      {p.canReview ? (
        <ReviewBox entry={entry} reason={p.reason} onReason={p.onReason} onReview={(a) => p.onReview(entry, a)} />
      ) : (
        <p className={classes.hint}>Your role may look at entries, not review them.</p>
      )}
      <Panel title="Facts">
        <EntryFacts entry={entry} />
      </Panel>
      <Panel title="Findings in this message">
        <EntryFindings findings={entry.findings} />
      </Panel>
      <Panel title="Timeline">
        <Timeline entries={entry.timeline} />
      </Panel>
      <Panel title="The same elsewhere">
        <Equivalents entry={entry} />
      </Panel>
    </>
  );
}
