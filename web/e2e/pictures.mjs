// The pictures of the README and the docs, taken from a real server after the
// demo: `make pictures`. Whoever changes a page that is shown takes them anew.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPage } from './browser.mjs';
import { enter } from './real.mjs';
import { settled } from './shots.mjs';

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url));

// A picture's name, the page, its height where more is to be seen, and what is done
// there before it is taken.
const pictures = [
  { name: 'overview', path: '' },
  { name: 'incident', path: 'incidents', height: 1240, prepare: openJoined },
  { name: 'quarantine', path: 'quarantine', prepare: openGravest },
];

/** Takes the pictures into docs/images; returns what went wrong in the pages. */
export async function takePictures(browser, base) {
  await mkdir(folder, { recursive: true });
  const { page, context, trouble } = await openPage(browser, base);
  await enter(page, base, true);
  for (const { name, path, height = 900, prepare } of pictures) {
    await page.setViewportSize({ width: 1440, height });
    await page.goto(`${base}/${path}`);
    await settled(page);
    await prepare?.(page);
    await settled(page);
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }
  await context.close();
  return trouble;
}

// The demo leaves its scenes out whose ports somebody else has; then there is none.
async function openJoined(page) {
  await page.waitForSelector('text=Leaked secret in use', { timeout: 5_000 });
  await openGravest(page);
}

async function openGravest(page) {
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('aside');
}
