// How long until something, and until the page is seen on a slow line: "Slow 3G" of Chromium's own tools. Prints a
// table and judges nothing: what is held by a test are bytes (stories/weight.mjs).
import { startMock } from '../mock/server.mjs';
import { openPage } from './browser.mjs';
import { settled } from './shots.mjs';

const slow3G = { offline: false, latency: 2_000, downloadThroughput: 50_000, uploadThroughput: 50_000 };
const runs = Number(process.env.RUNS ?? 3);

/** Measures the first visit of a few pages; the median of RUNS. */
export async function paint(browser) {
  for (const [path, loggedIn] of [
    ['login', false],
    ['', true],
    ['incidents', true],
  ]) {
    const all = [];
    for (let k = 0; k < runs; k++) all.push(await once(browser, path, loggedIn));
    const median = (of) => all.map(of).sort((a, b) => a - b)[Math.floor(runs / 2)];
    const [first, whole] = [median((r) => r.first), median((r) => r.whole)].map((ms) => (ms / 1000).toFixed(1));
    console.log(`${path || 'overview'}: first paint ${first} s, page ${whole} s`);
  }
  return [];
}

async function once(browser, path, loggedIn) {
  const mock = await startMock({ loggedIn });
  const { page, context } = await openPage(browser, mock.url);
  page.setDefaultTimeout(120_000);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', slow3G);
  const began = Date.now();
  await page.goto(`${mock.url}/${path}`, { waitUntil: 'commit' });
  await settled(page);
  const whole = Date.now() - began;
  const first = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
  await context.close();
  await mock.close();
  return { first, whole };
}
