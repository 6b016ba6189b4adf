import { Link } from 'wouter';
import type { RuleDetail } from '../../api/types';
import { CopyButton, Snippet } from '../../components/Copy';
import { Facts } from '../../components/Facts';
import { SafeText } from '../../components/Text';
import { percent, plural, shellQuote } from '../../lib/format';
import classes from './Rules.module.css';

/** What a text must have for the rule to match it. */
export function Matching({ rule: r }: { rule: RuleDetail }) {
  return (
    <>
      <div className={classes.regex}>
        <code tabIndex={0}>
          <SafeText>{r.regex}</SafeText>
        </code>
        <CopyButton value={r.regex} label="the regex" />
      </div>
      <Facts
        items={[
          ['Keywords', r.keywords.length === 0 ? null : <Words key="k" words={r.keywords} />],
          ['Entropy', r.entropy > 0 ? `at least ${r.entropy} bits a character` : null],
          ['Checked by', r.validator],
        ]}
      />
    </>
  );
}

function Words({ words }: { words: string[] }) {
  return (
    <span className={classes.words}>
      {words.map((w) => (
        <code key={w}>
          <SafeText>{w}</SafeText>
        </code>
      ))}
    </span>
  );
}

export function RuleFacts({ rule: r }: { rule: RuleDetail }) {
  return (
    <Facts
      items={[
        [
          'Secret type',
          <SafeText key="s" mono>
            {r.secret_type}
          </SafeText>,
        ],
        ['Provider', r.provider === '' ? null : <SafeText key="p">{r.provider}</SafeText>],
        ['Family', r.family === '' ? null : <SafeText key="f">{r.family}</SafeText>],
        ['Confidence', percent(r.confidence)],
        ['Tags', r.tags.length === 0 ? null : <Words key="t" words={r.tags} />],
        ['Examples', `${plural(r.positives, 'text')} it must find, ${plural(r.negatives, 'text')} it must not`],
        [
          'Hits, 7 days',
          <Link key="h" href={`/findings?rule=${encodeURIComponent(r.id)}`}>
            {plural(r.hits_7d, 'finding')}
          </Link>,
        ],
        ['What to do', r.recommendation === '' ? null : <SafeText key="w">{r.recommendation}</SafeText>],
      ]}
    />
  );
}

/** What this page shows and does, for the command line and for scripts. */
export function Elsewhere({ rule: r }: { rule: RuleDetail }) {
  const id = shellQuote(r.id);
  const url = shellQuote(`${window.location.origin}/api/v1/rules/${encodeURIComponent(r.id)}`);
  return (
    <>
      <Snippet label="CLI">{`cordon rules show ${id}`}</Snippet>
      <Snippet label="CLI">{`cordon rules ${r.active ? 'disable' : 'enable'} ${id} --reason 'why'`}</Snippet>
      <Snippet label="API">{`curl -H "Authorization: Bearer $CORDON_API_KEY" ${url}`}</Snippet>
    </>
  );
}
