// How much comes before the first page is drawn: files and bytes as they are sent, which does not depend on who measures.
import assert from 'node:assert/strict';
import { settled } from './tools.mjs';

// What may come, in KiB as it is sent. Whoever raises one says in the commit what is gained by it.
const budgets = [
  { path: 'login', loggedIn: false, scripts: 216, styles: 22, fonts: 60 },
  { path: '', scripts: 224, styles: 24, fonts: 76 },
  { path: 'incidents', scripts: 228, styles: 24, fonts: 76 },
];

const kinds = { script: 'scripts', stylesheet: 'styles', font: 'fonts' };

/** The bytes of each kind that a page needs, before others are loaded ahead. */
async function weigh(page, url) {
  const sum = { scripts: 0, styles: 0, fonts: 0 };
  const sizes = [];
  const weighing = (request) => {
    const kind = kinds[request.resourceType()];
    if (kind === undefined) return;
    sizes.push(request.sizes().then((s) => (sum[kind] += s.responseBodySize / 1024)));
  };
  page.on('requestfinished', weighing);
  await page.goto(url);
  await settled(page);
  page.off('requestfinished', weighing);
  await Promise.all(sizes);
  return sum;
}

export const stories = {
  async 'first-load'({ page, mock }) {
    await page.clock.install(); // what is loaded ahead waits for a timer
    for (const { path, loggedIn = true, ...most } of budgets) {
      mock.state.loggedIn = loggedIn;
      const sum = await weigh(page, `${mock.url}/${path}`);
      const said = Object.entries(sum).map(([kind, kib]) => `${kib.toFixed(1)} KiB of ${kind}`);
      console.log(`${path || 'overview'}: ${said.join(', ')}`);
      for (const [kind, kib] of Object.entries(sum))
        assert.ok(kib > 0 && kib <= most[kind], `${path || 'overview'} needs ${kib.toFixed(1)} KiB of ${kind}`);
    }
  },

  async 'loaded-ahead'({ page, mock }) {
    const asked = [];
    page.on('request', (r) => r.resourceType() === 'script' && asked.push(r.url()));
    await page.goto(mock.url);
    await settled(page);
    assert.ok(!asked.some((url) => /PolicyPage/.test(url)), 'not before the first page is there');
    await page.waitForFunction(() => performance.getEntriesByType('resource').some((r) => /WorkersPage/.test(r.name)));
    mock.state.dead = true; // of the server nothing is needed to go to another page
    await page.route('**/assets/**', (route) => route.abort());
    await page.click('nav a[href="/policy"]');
    await page.waitForSelector('h1:has-text("policy")');
  },

  async 'page-lost'({ page, mock }) {
    await page.route('**/PolicyPage*', (route) => route.abort());
    await page.goto(`${mock.url}/policy`);
    await page.waitForSelector('text=This page did not come');
    await page.unroute('**/PolicyPage*');
    await page.click('button:has-text("Try again")');
    await page.waitForSelector('h1:has-text("policy")');
  },
};
