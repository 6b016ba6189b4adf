import { PowerOff } from 'lucide-react';
import { isOff } from '../api/egress';
import { ErrorNotice, Notice } from './States';

/** An answer of the egress sensor that failed, or the news that there is no such sensor. */
export function EgressError({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (!isOff(error)) return <ErrorNotice error={error} onRetry={onRetry} />;
  return (
    <Notice icon={<PowerOff size={26} />} title="The egress sensor is off">
      <p>
        Give the configuration a section <code>egress</code> and restart the server.
      </p>
    </Notice>
  );
}
