import { PowerOff } from 'lucide-react';
import { ApiError } from '../api/errors';
import { ErrorNotice, Notice } from './States';

/** An answer of the deception sensor that failed, or the news that there is no such sensor. */
export function DeceptionError({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (!(error instanceof ApiError) || error.status !== 409) return <ErrorNotice error={error} onRetry={onRetry} />;
  return (
    <Notice icon={<PowerOff size={26} />} title="The deception sensor is off">
      <p>
        Give the configuration a section <code>deception</code> (it may be empty) and restart the server.
      </p>
    </Notice>
  );
}
