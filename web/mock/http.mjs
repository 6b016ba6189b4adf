// What the mock's routes share: answers, pages of a list, bodies, files.
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

// DIST names another build than the one in dist/.
const dist = process.env.DIST ?? fileURLToPath(new URL('../dist/', import.meta.url));
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export function json(res, status, value) {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

export const done = (res) => res.writeHead(204).end();

export function problem(res, status, title, detail, errors) {
  const body = { title, status, detail, ...(errors && { errors }) };
  res.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify(body));
}

/** One page of a list, by its cursor; idOf names what the cursor holds. */
export function page(items, q, idOf = (r) => r.id) {
  const limit = Number(q.get('limit') ?? 50);
  const at = items.findIndex((r) => String(idOf(r)) === q.get('cursor')) + 1;
  const part = items.slice(at, at + limit);
  return { items: part, next_cursor: at + limit < items.length ? String(idOf(part.at(-1))) : null };
}

export async function readJSON(req) {
  let text = '';
  for await (const chunk of req) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}

// As internal/api does it: what is text is sent packed.
const packs = (type) => type !== 'font/woff2';

export async function file(res, path) {
  const wanted = extname(path) === '' ? '/index.html' : normalize(path);
  try {
    const bytes = await readFile(join(dist, wanted));
    const type = types[extname(wanted)] ?? 'application/octet-stream';
    if (!packs(type)) return res.writeHead(200, { 'Content-Type': type }).end(bytes);
    res.writeHead(200, { 'Content-Type': type, 'Content-Encoding': 'gzip' }).end(gzipSync(bytes, { level: 9 }));
  } catch {
    res.writeHead(404).end('not found; run npm run build first');
  }
}
