import { useState } from 'react';
import type { useEvents } from '../../api/events';

const looks = 10; // that one press of the button is worth

/**
 * Looks further back after a search that gave up: until it comes upon something, is at
 * the end, fails, or has asked ten times.
 */
export function useFurther({ fetchNextPage }: ReturnType<typeof useEvents>) {
  const [busy, setBusy] = useState(false);
  const further = async () => {
    setBusy(true);
    for (let i = 0; i < looks; i++) {
      const { data, hasNextPage, isError } = await fetchNextPage();
      if (isError || !hasNextPage || (data?.pages.at(-1)?.items.length ?? 0) > 0) break;
    }
    setBusy(false);
  };
  return { busy, further };
}
