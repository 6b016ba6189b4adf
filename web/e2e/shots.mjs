// Every page in every scenario, light and dark, wide and narrow: a screenshot,
// no exception, no refused script, no request elsewhere, no axe violation.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMock } from '../mock/server.mjs';
import { violations } from './axe.mjs';
import { openPage } from './browser.mjs';
import { pages } from './pages.mjs';

export const artifacts =
  process.env.ARTIFACTS ?? fileURLToPath(new URL('../../test/artifacts/dashboard/', import.meta.url));

const opened = [
  'rules/acme-deploy-token',
  'anomaly-rules/vpn_guessing',
  'webhooks/on-call',
  'webhooks/on-call/deliveries',
];
const plans = [
  { scenario: 'full', all: true, paths: [...pages, ...opened, 'nowhere'] },
  { scenario: 'empty', paths: pages },
  { scenario: 'broken', paths: pages },
  { scenario: 'full', role: 'viewer', paths: pages, tag: 'viewer' },
  { scenario: 'full', loggedIn: false, paths: ['login'], tag: 'out' },
  { scenario: 'setup', loggedIn: false, paths: ['setup', 'setup#token=good'], tag: 'setup' },
];
const looks = [
  { name: 'light', scheme: 'light' },
  { name: 'dark', scheme: 'dark' },
  { name: 'phone', scheme: 'dark', width: 390, height: 844 },
];
// What is on a page when there is something on it: light and dark at every width, and as it is on 1280 pixels at 200 %.
const sizes = [
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];
const everyLook = [
  ...sizes.flatMap((s) => ['light', 'dark'].map((scheme) => ({ ...s, scheme, name: `${scheme}-${s.width}` }))),
  { name: 'zoomed', scheme: 'light', width: 640, height: 400, scale: 2 },
];

/** Takes the screenshots whose name contains word; returns what is wrong, one line each. */
export async function takeShots(browser, word) {
  await mkdir(artifacts, { recursive: true });
  const wrong = [];
  for (const plan of plans) {
    const mock = await startMock(plan);
    for (const look of plan.all ? everyLook : looks) {
      for (const path of withEntry(plan, mock)) wrong.push(...(await shot(browser, mock, plan, look, path, word)));
    }
    await mock.close();
  }
  return wrong;
}

function withEntry(plan, mock) {
  const rows = plan.tag === undefined && plan.scenario === 'full' ? mock.state.rows : [];
  return rows.length === 0 ? plan.paths : [...plan.paths, `quarantine/${rows[0].id}`, `quarantine/${rows[2].id}`];
}

async function shot(browser, mock, plan, look, path, word) {
  const name = `${plan.tag ?? plan.scenario}-${label(mock, path)}-${look.name}`;
  if (!name.includes(word)) return [];
  const { page, context, trouble } = await openPage(browser, mock.url, look);
  await page.goto(`${mock.url}/${path}`);
  await settled(page);
  await page.screenshot({ path: join(artifacts, `${name}.png`) });
  const found = [...trouble, ...(await violations(page)), ...(await overflow(page))];
  await context.close();
  return found.map((t) => `${name}: ${t}`);
}

const label = (mock, path) => {
  if (path === `quarantine/${mock.state.rows[0]?.id}`) return 'entry';
  if (path === `quarantine/${mock.state.rows[2]?.id}`) return 'hostile';
  return path.replace(/\W+/g, '-') || 'overview';
};

/** Waits until nothing is loading any more. */
export async function settled(page) {
  await page.waitForSelector('h1');
  await page.waitForFunction(() => document.querySelector('[aria-label="Loading"]') === null);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(150);
}

async function overflow(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  return wide > 0 ? [`the page is ${wide} px wider than the window`] : [];
}
