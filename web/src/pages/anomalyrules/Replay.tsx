import { Button, NativeSelect, SegmentedControl, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { EyeOff, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { tryAnomalyRule } from '../../api/anomalyRules';
import { formErrors } from '../../api/errors';
import type { AnomalyTry, AnomalyTryOutcome } from '../../api/types';
import { SafeText } from '../../components/Text';
import { Stamp } from '../../components/Time';
import { count, plural } from '../../lib/format';
import { FormError } from '../login/Entrance';
import rules from '../rules/Rules.module.css';
import classes from './AnomalyRules.module.css';
import { ReplayChart } from './ReplayChart';
import { cautions, sinceOf, stretches, verdict } from './replay';

const mostPasted = 1024 * 1024; // characters, as the API has it

type Props = {
  text: string;
  /** It is a rule as it is stored: there is nothing to compare it with. */
  stored?: boolean;
  onWrong?: (message: string | undefined) => void;
};

/** Asks what a draft would have opened: of what was recorded, or of records the reader pastes. */
export function Replay({ text, stored = false, onWrong }: Props) {
  const [what, setWhat] = useState<'recorded' | 'pasted'>('recorded');
  const [hours, setHours] = useState('24');
  const [records, setRecords] = useState('');
  const run = useMutation({
    mutationFn: () =>
      tryAnomalyRule({ text, ...(what === 'pasted' ? { records } : { since: sinceOf(Number(hours), Date.now()) }) }),
    gcTime: 0, // what was pasted is not kept after the page is left
    onSettled: (_, error) => onWrong?.(formErrors(error, ['text']).at.text),
  });
  const errors = formErrors(run.error, ['text', 'records', 'since']);
  const ready = text.trim() !== '' && (what === 'recorded' || (records.trim() !== '' && records.length <= mostPasted));
  return (
    <div className={rules.try}>
      <div className={rules.bar}>
        <SegmentedControl
          size="xs"
          aria-label="What it is tried on"
          data={[
            { value: 'recorded', label: 'What was recorded' },
            { value: 'pasted', label: 'Records of mine' },
          ]}
          value={what}
          onChange={(v) => setWhat(v === 'pasted' ? 'pasted' : 'recorded')}
        />
        {what === 'recorded' && (
          <NativeSelect
            size="xs"
            aria-label="Stretch"
            data={stretches}
            value={hours}
            onChange={(e) => setHours(e.currentTarget.value)}
          />
        )}
        <Button size="xs" disabled={!ready} loading={run.isPending} onClick={() => run.mutate()}>
          Replay
        </Button>
      </div>
      {what === 'pasted' && (
        <Textarea
          aria-label="Records, one JSON object a line"
          placeholder={'{"kind": "auth_failed", "source_ip": "203.0.113.9", "user": "root"}'}
          className={rules.mono}
          autosize
          minRows={3}
          maxRows={10}
          spellCheck={false}
          autoComplete="off"
          value={records}
          error={errors.at.records}
          onChange={(e) => setRecords(e.currentTarget.value)}
        />
      )}
      <p className={rules.promise}>
        <EyeOff size={15} aria-hidden="true" />
        Nothing of it is stored, and nobody is told.
      </p>
      <FormError>{errors.form ?? errors.at.text ?? errors.at.since}</FormError>
      <div role="status">
        {run.data !== undefined && <Result key={run.submittedAt} result={run.data} stored={stored} />}
      </div>
    </div>
  );
}

function Result({ result: t, stored }: { result: AnomalyTry; stored: boolean }) {
  const [whose, setWhose] = useState<'draft' | 'now'>('draft');
  const shown = whose === 'now' && t.now !== undefined ? t.now : t.draft;
  return (
    <div className={classes.result}>
      <p className={classes.verdict}>{verdict(t, stored)}</p>
      <p className={rules.hint}>
        {plural(t.records, 'record')} from <Stamp at={t.from} /> to <Stamp at={t.to} />; {count(shown.matched)} matched.
      </p>
      {cautions(t).map((text) => (
        <p key={text} className={rules.partly}>
          <TriangleAlert size={16} aria-hidden="true" /> {text}
        </p>
      ))}
      {t.now !== undefined && !stored && (
        <SegmentedControl
          size="xs"
          aria-label="Which is drawn"
          data={[
            { value: 'draft', label: 'With this' },
            { value: 'now', label: 'As the rule stands' },
          ]}
          value={whose}
          onChange={(v) => setWhose(v === 'now' ? 'now' : 'draft')}
        />
      )}
      {shown.matched === 0 ? (
        <p className={rules.hint}>No record matched: there is nothing to draw.</p>
      ) : (
        <ReplayChart result={t} outcome={shown} />
      )}
      <Episodes outcome={shown} />
    </div>
  );
}

const mostListed = 20;

function Episodes({ outcome: o }: { outcome: AnomalyTryOutcome }) {
  if (o.episodes.length === 0) return null;
  return (
    <>
      <ol className={rules.history}>
        {o.episodes.slice(0, mostListed).map((e) => (
          <li key={`${e.opened_at} ${e.key_kind} ${e.key}`}>
            <div className={rules.change}>
              <strong>{e.key_kind === 'global' ? 'many together' : <SafeText mono>{e.key}</SafeText>}</strong>
              <span className="num">{plural(e.count, 'record')}</span>
            </div>
            <p className={rules.quiet}>
              <Stamp at={e.opened_at} />
              {e.closed_at === null ? (
                ', goes on'
              ) : (
                <>
                  {' '}
                  to <Stamp at={e.closed_at} />
                </>
              )}
              {e.grown > 0 && `, doubled ${plural(e.grown, 'time')}`}
            </p>
            {e.detail !== '' && (
              <p>
                <SafeText mono>{e.detail}</SafeText>
              </p>
            )}
          </li>
        ))}
      </ol>
      {o.episodes.length > mostListed && <p className={rules.hint}>And {count(o.opened - mostListed)} more.</p>}
    </>
  );
}
