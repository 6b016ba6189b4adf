// What only shows after a few steps: dialogs, menus, banners. Screenshots and
// accessibility, light and dark.
import { join } from 'node:path';
import { startMock } from '../mock/server.mjs';
import { violations } from './axe.mjs';
import { openPage } from './browser.mjs';
import { artifacts, settled } from './shots.mjs';

const phone = { width: 390, height: 844 };

const moments = {
  help: { path: 'quarantine', do: ({ page }) => page.keyboard.press('?') },
  'drawer-end': {
    path: 'entry',
    do: ({ page }) =>
      page.locator('aside [aria-label="Redacted evidence"]').evaluate((e) => e.parentElement.scrollTo(0, 9_999)),
  },
  menu: { path: '', do: ({ page }) => page.click('nav button:has-text("ana")') },
  'phone-menu': { path: '', ...phone, do: ({ page }) => page.click('[aria-label=Menu]') },
  lost: {
    path: '',
    async do({ page, mock }) {
      await page.waitForSelector('nav >> text=Live');
      mock.state.dead = true;
      for (const s of mock.state.streams) s.destroy();
      await page.waitForSelector('text=Live updates are interrupted');
    },
  },
  pill: {
    path: 'quarantine?reviewed=false&severity=critical&severity=high',
    async do({ page, mock }) {
      await page.waitForSelector('nav >> text=Live');
      await page.$eval('[data-scroller]', (g) => g.scrollTo(0, 900));
      await page.waitForTimeout(100);
      mock.emit(12);
      await page.waitForSelector('button:has-text("new")');
    },
  },
  'no-match': { path: 'quarantine?rule=nothing', do: () => {} },
  gone: {
    path: 'quarantine/00000000-0000-7000-8000-000000000000',
    do: ({ page }) => page.waitForSelector('aside >> text=Not found'),
  },
  'key-made': {
    path: 'access',
    async do({ page }) {
      await page.click('text=Add a user');
      await page.click('text=Create a key');
      await page.fill('[placeholder="ci"]', 'grafana');
      await page.click('text=Create the key');
      await page.waitForSelector('text=Copy this key now');
    },
  },
};

/** Plays every moment; returns what is wrong, one line each. */
export async function takeMoments(browser) {
  const wrong = [];
  for (const scheme of ['light', 'dark']) {
    for (const [name, m] of Object.entries(moments)) wrong.push(...(await play(browser, scheme, name, m)));
  }
  return wrong;
}

async function play(browser, scheme, name, { path, do: act, width, height }) {
  const mock = await startMock();
  const { page, context, trouble } = await openPage(browser, mock.url, { scheme, width, height });
  page.setDefaultTimeout(8_000);
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
