import { ActionIcon } from '@mantine/core';
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useEntry } from '../../api/queries';
import type { Quarantine, QuarantineDetail, ReviewAction } from '../../api/types';
import { Panel } from '../../components/Page';
import { ReviewTag } from '../../components/ReviewTag';
import { SeverityTag } from '../../components/Severity';
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
  /** Where in the list it stands; `more` says that the list goes on beyond what is loaded. */
  position: { nth: number; of: number; more: boolean } | undefined;
  canReview: boolean;
  reason: string;
  onReason: (r: string) => void;
  onReview: (entry: Quarantine, action: ReviewAction) => void;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
};

/** One entry, beside the list. It does not block the page: the keys keep working. */
export function Drawer(p: Props) {
  const { data, isPending, isError, error, refetch } = useEntry(p.id);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <aside className={classes.drawer} aria-label="Entry">
      <header className={classes.drawerHead}>
        <h2 ref={heading} tabIndex={-1} className={classes.drawerTitle}>
          {data === undefined ? 'Entry' : <SafeText>{data.secret_type}</SafeText>}
        </h2>
        {p.position !== undefined && (
          <span className={`${classes.position} num`}>
            {p.position.nth} of {p.position.of}
            {p.position.more && '+'}
          </span>
        )}
        <Step
          label="Previous entry (k)"
          onClick={() => p.onStep(-1)}
          off={p.position === undefined || p.position.nth === 1}
        >
          <ChevronUp size={17} />
        </Step>
        <Step
          label="Next entry (j)"
          onClick={() => p.onStep(1)}
          off={p.position === undefined || p.position.nth === p.position.of}
        >
          <ChevronDown size={17} />
        </Step>
        <Step label="Close (Esc)" onClick={p.onClose}>
          <X size={17} />
        </Step>
      </header>
      <div className={classes.drawerBody}>
        {isPending && <SkeletonRows rows={10} />}
        {isError && data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {data !== undefined && <Body key={data.id} entry={data} {...p} />}
      </div>
    </aside>
  );
}

function Step(p: { label: string; onClick: () => void; off?: boolean; children: React.ReactNode }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={p.label} title={p.label} onClick={p.onClick} disabled={p.off}>
      {p.children}
    </ActionIcon>
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
