import { Button } from '@mantine/core';
import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Page } from '../api/types';
import { type CsvColumn, collect, exportBound } from '../lib/csv';
import { download } from '../lib/download';
import { compact, count } from '../lib/format';
import { useToast } from './Toast';

type Props<T> = { name: string; columns: CsvColumn<T>[]; pages: (cursor?: string) => Promise<Page<T>> };

/** Saves the list as it is filtered, as CSV; a second press stops it. */
export function ExportButton<T>({ name, columns, pages }: Props<T>) {
  const toast = useToast();
  const [done, setDone] = useState<number | null>(null);
  const stopped = useRef(false);
  useEffect(
    () => () => {
      stopped.current = true;
    },
    [],
  );
  const run = async () => {
    stopped.current = false;
    setDone(0);
    try {
      const got = await collect(columns, pages, exportBound, (n) => {
        setDone(n);
        return !stopped.current;
      });
      if (got === null) return;
      download(`cordon-${name}-${new Date().toISOString().slice(0, 10)}.csv`, got.parts, 'text/csv;charset=utf-8');
      toast(
        got.cut
          ? `Saved the newest ${count(got.rows)}; the file holds no more. Narrow the filter for older ones.`
          : `Saved ${count(got.rows)} rows`,
      );
    } catch (e) {
      toast(`Nothing was saved: ${e instanceof Error ? e.message : String(e)}`, true);
    } finally {
      setDone(null);
    }
  };
  const busy = done !== null;
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<Download size={14} />}
      onClick={() => {
        if (busy) stopped.current = true;
        else void run();
      }}
    >
      {busy ? `Stop (${compact(done)})` : 'Export CSV'}
    </Button>
  );
}
