// A walk through a real server: BASE_URL, and either CORDON_USER with
// CORDON_PASSWORD, or SETUP_LINK (with the same two to create the first admin).
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { violations } from './axe.mjs';
import { openPage } from './browser.mjs';
import { pages } from './pages.mjs';
import { artifacts, settled } from './shots.mjs';

/** Logs in, visits every page light and dark; returns what is wrong. */
export async function walk(browser, base) {
  await mkdir(artifacts, { recursive: true });
  const wrong = [];
  for (const [i, scheme] of ['light', 'dark'].entries()) {
    const { page, context, trouble } = await openPage(browser, base, { scheme });
    page.on('response', (r) => {
      if (r.status() >= 500) wrong.push(`${r.status()} ${r.url()}`);
    });
    await enter(page, base, i === 0);
    for (const path of pages) {
      await page.goto(`${base}/${path}`);
      await settled(page);
      await page.screenshot({ path: join(artifacts, `real-${path || 'overview'}-${scheme}.png`) });
      wrong.push(...(await violations(page)).map((v) => `${path || 'overview'} ${scheme}: ${v}`));
    }
    wrong.push(...(await openFirstEntry(page, base, scheme)), ...trouble);
    await context.close();
  }
  return wrong;
}

export async function enter(page, base, first) {
  const { CORDON_USER: user = 'admin', CORDON_PASSWORD: password = '', SETUP_LINK: link } = process.env;
  const fresh = first && link !== undefined;
  await page.goto(fresh ? link : `${base}/login`);
  await page.fill('[name=username]', user);
  await page.fill(fresh ? '[name=new-password]' : '[name=password]', password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('nav[aria-label=Main]');
}

async function openFirstEntry(page, base, scheme) {
  await page.goto(`${base}/quarantine`);
  await settled(page);
  if ((await page.locator('[role=grid]').count()) === 0) return [];
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('aside[aria-label=Entry] [aria-label="Redacted evidence"]');
  await page.screenshot({ path: join(artifacts, `real-entry-${scheme}.png`) });
  return (await violations(page)).map((v) => `entry ${scheme}: ${v}`);
}
