import type { ReactNode } from 'react';
import type { Webhook } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { SafeText } from '../../components/Text';
import { percent, plural, shellQuote } from '../../lib/format';
import { draftFrom } from './draft';
import { lastingWords } from './steps';
import type { Shared } from './WebhookForm';
import classes from './Webhooks.module.css';

export function WebhookFacts({ webhook: w, presets }: { webhook: Webhook; presets: Shared['presets'] }) {
  const { topics } = draftFrom(w, presets);
  return (
    <Facts
      items={[
        ['To', <SafeText key="h">{w.host}</SafeText>],
        ['Format', w.format],
        ['Listens to', words([...w.presets, ...topics])],
        ['Severity', w.min_severity === 'info' ? 'any' : `${w.min_severity} or worse`],
        ['Confidence', w.min_confidence === 0 ? null : `at least ${percent(w.min_confidence)}`],
        ['Only rules', w.rules.length === 0 ? null : words(w.rules)],
        ['Only sources', w.sources.length === 0 ? null : words(w.sources)],
        ['Digest', w.digest === '' ? null : `every ${lastingWords(w.digest)}`],
        ['Quiet', w.quiet.length === 0 ? null : words(w.quiet)],
        [
          'If nobody acknowledges',
          w.escalate.length === 0 ? null : words(w.escalate.map((s) => `${s.to} after ${lastingWords(s.after)}`)),
        ],
        ['Signed', w.signed ? 'yes' : 'no: the receiver cannot tell that a delivery is ours'],
        ['Private address', w.allow_private ? 'allowed' : 'refused'],
        ['Pending', plural(w.pending, 'delivery', 'deliveries')],
        ['Dead letters', plural(w.dead, 'delivery', 'deliveries')],
      ]}
    />
  );
}

function words(all: string[]): ReactNode {
  return (
    <span className={classes.words}>
      {all.map((t) => (
        <code key={t}>
          <SafeText>{t}</SafeText>
        </code>
      ))}
    </span>
  );
}

/** What this page shows and does, for the command line and for scripts. */
export function Elsewhere({ webhook: w }: { webhook: Webhook }) {
  const id = shellQuote(w.id);
  const url = shellQuote(`${window.location.origin}/api/v1/webhooks/${encodeURIComponent(w.id)}/test`);
  return (
    <>
      <Snippet label="CLI">{`cordon webhook show ${id}`}</Snippet>
      <Snippet label="CLI">{`cordon webhook test ${id}`}</Snippet>
      <Snippet label="CLI">{`cordon webhook deliveries ${id}`}</Snippet>
      <Snippet label="API">{`curl -X POST -H "Authorization: Bearer $CORDON_API_KEY" ${url}`}</Snippet>
    </>
  );
}
