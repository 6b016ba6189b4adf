import { describe, expect, it } from 'vitest';
import { pages } from '../../e2e/pages.mjs';
import app from '../App.tsx?raw';
import { navigation } from './nav';
import { folderOf } from './page';

const outside = ['/setup', '/login', '/overview']; // before the login, and a redirect

/** What a route shows without what stands in its path; of one that needs that, nothing. */
const plain = (path: string) =>
  path.includes('/:') && !path.endsWith('?') ? undefined : path.replace(/\/:\w+\?$/, '');

const routes = [...app.matchAll(/<Route path="([^"]+)"/g)].map((m) => plain(m[1] ?? '')).filter((p) => p !== undefined);

describe('the pages that the browser tests walk through', () => {
  const walked = pages.map((p) => `/${p}`).sort();
  it('are the routes of the app', () => {
    expect(routes.length).toBeGreaterThan(outside.length);
    expect(walked).toEqual(routes.filter((r) => !outside.includes(r)).sort());
  });
  it('are each in the folder that is loaded ahead for its path', () => {
    const folders = [...app.matchAll(/import\('\.\/pages\/(\w+)\//g)].map((m) => m[1]);
    for (const path of walked) expect(folders).toContain(folderOf(path));
  });
  it('are, but for the own account, those of the navigation', () => {
    const named = navigation.flatMap((g) => g.items.map((i) => i.path));
    expect([...named, '/account'].sort()).toEqual(walked);
  });
});
