/**
 * CSV (RFC 4180) for spreadsheets that run what looks like a formula. Cells
 * hold text that attackers wrote, so each is quoted, control characters are
 * spelled out, and a cell that could begin a formula gets an apostrophe first
 * (OWASP, CSV injection).
 */
import type { Page } from '../api/types';
import { plain } from './text';

/** How many rows one file holds at most. */
export const exportBound = 50_000;

export type CsvColumn<T> = { name: string; value: (row: T) => string | number | boolean | null | undefined };

// What spreadsheets take for the start of a formula, also behind blanks and in
// full-width form.
const formula = /^\s*[=+\-@|\uff1d\uff0b\uff0d\uff20]/u;

/** One cell, quoted and harmless. Numbers stay numbers. */
export function cell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '""';
  if (typeof value !== 'string') return String(value);
  const flat = plain(value).replace(/[\t\n]+/g, ' ');
  const safe = formula.test(flat) ? `'${flat}` : flat;
  return `"${safe.replaceAll('"', '""')}"`;
}

const line = (cells: string[]) => `${cells.join(',')}\r\n`;

/** The heading line. It begins with a byte order mark: without it Excel takes UTF-8 for Windows-1252. */
export const heading = <T>(columns: CsvColumn<T>[]) => `\ufeff${line(columns.map((c) => cell(c.name)))}`;

export const lines = <T>(columns: CsvColumn<T>[], rows: T[]) =>
  rows.map((r) => line(columns.map((c) => cell(c.value(r))))).join('');

export type Collected = { parts: string[]; rows: number; cut: boolean };

/** Reads page after page, at most bound rows; null when goOn says to stop. cut tells that there were more. */
export async function collect<T>(
  columns: CsvColumn<T>[],
  pages: (cursor?: string) => Promise<Page<T>>,
  bound: number,
  goOn: (rows: number) => boolean,
): Promise<Collected | null> {
  const parts = [heading(columns)];
  let rows = 0;
  let cursor: string | undefined;
  let cut = false;
  do {
    const page = await pages(cursor);
    const items = page.items.slice(0, bound - rows);
    parts.push(lines(columns, items));
    rows += items.length;
    cursor = page.next_cursor ?? undefined;
    cut = cursor !== undefined || items.length < page.items.length;
    if (!goOn(rows)) return null;
  } while (cursor !== undefined && rows < bound);
  return { parts, rows, cut };
}
