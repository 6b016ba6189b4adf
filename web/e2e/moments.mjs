// What only shows after a few steps: dialogs, menus, banners. Screenshots and
// accessibility, light and dark.
import { join } from 'node:path';
import { startMock } from '../mock/server.mjs';
import { violations } from './axe.mjs';
import { moments } from './behaviour.mjs';
import { openPage } from './browser.mjs';
import { artifacts, settled } from './shots.mjs';

/** Plays every moment whose name contains word; returns what is wrong, one line each. */
export async function takeMoments(browser, word) {
  const wanted = Object.entries(moments).filter(([name]) => name.includes(word));
  const wrong = [];
  for (const scheme of ['light', 'dark']) {
    for (const [name, m] of wanted) wrong.push(...(await play(browser, scheme, name, m)));
  }
  return wrong;
}

async function play(browser, scheme, name, { path, do: act, width, height, scenario, role }) {
  const mock = await startMock({ scenario, role });
  const { page, context, trouble } = await openPage(browser, mock.url, { scheme, width, height });
  page.setDefaultTimeout(30_000);
  const found = [];
  try {
    await page.goto(`${mock.url}/${path === 'entry' ? `quarantine/${mock.state.rows[3].id}` : path}`);
    await settled(page);
    await act({ page, mock });
    await page.waitForTimeout(350);
    await page.screenshot({ path: join(artifacts, `moment-${name}-${scheme}.png`) });
    found.push(...(await violations(page)));
  } catch (e) {
    found.push(e.message.split('\n')[0]);
  }
  await context.close();
  await mock.close();
  return [...found, ...trouble].map((t) => `moment ${name} ${scheme}: ${t}`);
}
