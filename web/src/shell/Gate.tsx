import { Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import { Redirect, useLocation, useSearch } from 'wouter';
import { ApiError } from '../api/errors';
import { useMe, useSetupState } from '../api/queries';
import { ErrorNotice } from '../components/States';

/** Lets only who is logged in through; sends others to setup or login. */
export function Gate({ children }: { children: ReactNode }) {
  const me = useMe();
  const [path] = useLocation();
  const search = useSearch();
  const denied = me.error instanceof ApiError && me.error.status === 401;
  const setup = useSetupState(denied && me.data === undefined);

  if (denied && me.data !== undefined) return children; // SessionEnded asks to log in again
  if (denied && setup.isPending) return <Waiting />;
  if (denied && setup.data?.needed) return <Redirect to="/setup" replace />;
  if (denied) return <Redirect to={`/login?next=${encodeURIComponent(path + (search && `?${search}`))}`} replace />;
  if (me.data !== undefined) return children;
  if (me.isPending) return <Waiting />;
  return (
    <main>
      <ErrorNotice error={me.error} onRetry={() => void me.refetch()} />
    </main>
  );
}

function Waiting() {
  return (
    <main style={{ display: 'grid', placeItems: 'center', height: '100%' }}>
      <Loader size="sm" aria-label="Loading" />
    </main>
  );
}
