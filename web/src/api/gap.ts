import type { Query } from '@tanstack/react-query';

/**
 * Whether a gap in the live stream makes it out of date. What reveals evidence (it says so
 * in its meta) is not: to read it again would be another look in the audit log.
 */
export const outOfDate = (q: Pick<Query, 'queryKey' | 'meta'>): boolean =>
  q.queryKey[0] !== 'me' && q.meta?.reveals !== true;
