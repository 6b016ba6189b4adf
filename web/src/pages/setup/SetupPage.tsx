import { useState } from 'react';
import { Link } from 'wouter';
import { useSetupState } from '../../api/queries';
import { Snippet } from '../../components/Copy';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { Entrance } from '../login/Entrance';
import { SetupForm } from './SetupForm';
import { takeToken } from './token';

/** First run: whoever holds the one-time link becomes the first administrator. */
export function SetupPage() {
  const state = useSetupState(true);
  const [token] = useState(takeToken);

  if (state.isPending) {
    return (
      <Entrance title="Set up Cordon" lead="One moment.">
        <SkeletonRows rows={4} height={32} />
      </Entrance>
    );
  }
  if (state.isError) {
    return (
      <Entrance title="Set up Cordon" lead="">
        <ErrorNotice error={state.error} onRetry={() => void state.refetch()} />
      </Entrance>
    );
  }
  if (!state.data.needed) {
    return (
      <Entrance title="Already set up" lead="This Cordon has an administrator. Setup links no longer work.">
        <Link href="/login">Go to the login page</Link>
      </Entrance>
    );
  }
  if (token === '') return <NoToken />;
  return (
    <Entrance title="Set up Cordon" lead="Create the first administrator. The link you followed works once.">
      <SetupForm token={token} />
    </Entrance>
  );
}

function NoToken() {
  return (
    <Entrance
      title="Open the setup link"
      lead="Cordon has no administrator yet. For safety, only whoever can read its terminal or data directory may create the first one."
    >
      <p>
        The link was printed by <code>cordon serve</code> and is in the file <code>setup-link</code> of the data
        directory. It is valid for 15 minutes; restart the server for a new one.
      </p>
      <p>Or create the administrator on the command line:</p>
      <Snippet label="CLI">cordon user add admin --role admin --password-stdin</Snippet>
    </Entrance>
  );
}
