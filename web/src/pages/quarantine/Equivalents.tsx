import type { Quarantine } from '../../api/types';
import { Snippet } from '../../components/Copy';
import { shellQuote } from '../../lib/format';

/** What this page shows and does, for the command line and for scripts. */
export function Equivalents({ entry }: { entry: Quarantine }) {
  const id = shellQuote(entry.id);
  const url = `${window.location.origin}/api/v1/quarantine/${encodeURIComponent(entry.id)}`;
  const action = entry.review_action ?? 'confirmed';
  const curl = 'curl -H "Authorization: Bearer $CORDON_API_KEY"';
  const json = shellQuote(JSON.stringify({ action, reason: 'why' }));
  return (
    <>
      <Snippet label="CLI">{`cordon quarantine show ${id}`}</Snippet>
      <Snippet label="CLI">{`cordon quarantine review ${id} ${action} --reason 'why'`}</Snippet>
      <Snippet label="API">{`${curl} ${shellQuote(url)}`}</Snippet>
      <Snippet label="API">{`${curl} -H 'Content-Type: application/json' -d ${json} ${shellQuote(`${url}/review`)}`}</Snippet>
    </>
  );
}
