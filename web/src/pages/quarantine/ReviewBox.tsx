import { Button, TextInput } from '@mantine/core';
import type { Quarantine, ReviewAction } from '../../api/types';
import { reviewWords } from '../../components/ReviewTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import classes from './Quarantine.module.css';

const choices: { action: ReviewAction; label: string; key: string }[] = [
  { action: 'confirmed', label: 'Real leak', key: 'a' },
  { action: 'false_positive', label: 'False positive', key: 'r' },
  { action: 'uncertain', label: 'Uncertain', key: 'i' },
];

type Props = { entry: Quarantine; reason: string; onReason: (r: string) => void; onReview: (a: ReviewAction) => void };

export function ReviewBox({ entry, reason, onReason, onReview }: Props) {
  return (
    <section className={classes.review} aria-label="Review">
      {entry.review_action !== null && <Verdict entry={entry} />}
      <div className={classes.choices}>
        {choices.map((c) => (
          <Button
            key={c.action}
            variant={entry.review_action === c.action ? 'filled' : 'default'}
            rightSection={<kbd>{c.key}</kbd>}
            onClick={() => onReview(c.action)}
          >
            {c.label}
          </Button>
        ))}
      </div>
      <TextInput
        size="xs"
        aria-label="Reason"
        placeholder="Reason, for the audit log (optional)"
        maxLength={1000}
        value={reason}
        onChange={(e) => onReason(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === 'Escape' || e.key === 'Enter') e.currentTarget.blur();
        }}
      />
    </section>
  );
}

function Verdict({ entry }: { entry: Quarantine }) {
  return (
    <p className={classes.verdict}>
      <strong>{entry.review_action !== null && reviewWords[entry.review_action]}</strong>
      {entry.reviewer !== null && <> by {<SafeText>{entry.reviewer}</SafeText>}</>}
      {entry.review_timestamp !== null && (
        <>
          , <Ago at={entry.review_timestamp} />
        </>
      )}
      {entry.review_reason !== '' && (
        <>
          : <SafeText>{entry.review_reason}</SafeText>
        </>
      )}
    </p>
  );
}
