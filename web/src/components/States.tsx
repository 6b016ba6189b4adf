import { Button, Skeleton } from '@mantine/core';
import { CircleAlert, Lock, RotateCw, Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError, explain } from '../api/errors';
import classes from './States.module.css';

type Props = { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode; role?: 'status' | 'alert' };

/** Says why there is nothing to see, and what to do. */
export function Notice({ icon, title, children, action, role }: Props) {
  return (
    <div className={classes.notice} role={role}>
      {icon !== undefined && <div className={classes.icon}>{icon}</div>}
      <h2 className={classes.title}>{title}</h2>
      {children !== undefined && <div className={classes.body}>{children}</div>}
      {action}
    </div>
  );
}

export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { title, detail, retry } = explain(error);
  return (
    <Notice icon={iconOf(error)} title={title} role="alert" action={retry && <RetryButton onRetry={onRetry} />}>
      <p>{detail}</p>
    </Notice>
  );
}

function iconOf(error: unknown) {
  const status = error instanceof ApiError ? error.status : -1;
  if (status === 0) return <Unplug size={26} />;
  return status === 403 ? <Lock size={26} /> : <CircleAlert size={26} />;
}

export function RetryButton({ onRetry }: { onRetry: () => void }) {
  return (
    <Button variant="default" leftSection={<RotateCw size={14} />} onClick={onRetry}>
      Try again
    </Button>
  );
}

/** Grey lines in the place of rows that are on their way. */
export function SkeletonRows({ rows = 8, height = 20 }: { rows?: number; height?: number }) {
  return (
    <div className={classes.skeleton} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike
        <Skeleton key={i} height={height} width={`${96 - ((i * 17) % 30)}%`} radius={3} />
      ))}
    </div>
  );
}
