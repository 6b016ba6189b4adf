import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useEffect, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import type { Entry, QuarantineFilter } from '../../api/calls';
import { keys, useMe } from '../../api/queries';
import type { Quarantine, ReviewAction } from '../../api/types';
import { includes } from '../../lib/roles';
import { useKeys } from '../../lib/useKeys';
import { writeFilter } from './filters';
import { type Command, command } from './triage';
import { useReview } from './useReview';
import { useUndo } from './useUndo';

type Options = {
  filter: QuarantineFilter;
  rows: Quarantine[];
  onClosed: () => void;
  filterInput: RefObject<HTMLInputElement | null>;
};

/** Which entry is chosen, which is open, and what keys and buttons do with them. */
export function useTriage({ filter, rows, onClosed, filterInput }: Options) {
  const openId = useParams<{ id?: string }>().id;
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [chosen, setChosen] = useState<string | undefined>(openId);
  const [reason, setReason] = useState('');
  const [help, setHelp] = useState(false);
  const canReview = includes(useMe().data?.role, 'reviewer');
  const record = useReview();

  const cursor = rows.findIndex((r) => r.id === chosen);
  // A link may open an entry that the list does not hold.
  const target = rows[cursor] ?? (openId === undefined ? undefined : client.getQueryData<Entry>(keys.entry(openId)));
  const path = (id: string) => `/quarantine${id && `/${encodeURIComponent(id)}`}${writeFilter(filter)}`;

  const open = (id: string) => {
    setChosen(id);
    navigate(path(id), { replace: openId !== undefined });
  };
  const close = () => {
    navigate(path(''));
    onClosed();
  };
  const choose = (row: Quarantine | undefined) => {
    if (row === undefined) return;
    if (openId === undefined) setChosen(row.id);
    else open(row.id);
  };
  const undo = useUndo(record, open);
  const judge = (entry: Quarantine, action: ReviewAction) => {
    undo.remember(entry, action);
    record(entry, action, reason);
    setReason('');
    if (cursor >= 0) choose(rows[cursor + 1]);
  };

  // The address decides, also when it changes by the browser's back button.
  useEffect(() => {
    if (openId !== undefined) setChosen(openId);
  }, [openId]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a reason belongs to one entry
  useEffect(() => setReason(''), [chosen]);

  const view = { cursor, count: rows.length, open: openId !== undefined, help, canReview };
  const run = (c: Command) => {
    if (c.do === 'move') choose(rows[c.to]);
    if (c.do === 'open' && target) open(target.id);
    if (c.do === 'close') close();
    if (c.do === 'review' && target) judge(target, c.action);
    if (c.do === 'undo') void undo.back();
    if (c.do === 'filter') filterInput.current?.focus();
    if (c.do === 'help' || c.do === 'closeHelp') setHelp(c.do === 'help');
  };
  useKeys((key) => command(key, view), run);
  return { openId, cursor, canReview, reason, setReason, help, setHelp, open, close, choose, judge };
}
