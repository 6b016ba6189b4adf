// What surrounds the pages: connection, failures, roles.
import assert from 'node:assert/strict';
import { phone, settled } from './tools.mjs';

async function openPalette(page) {
  await page.keyboard.press('Control+k');
  await page.waitForSelector('[role=combobox]:focus');
}

/** Stops the page's own time, which page.clock.install had in hand from the start. */
const standStill = async (page) => page.clock.pauseAt(await page.evaluate(() => Date.now() + 1000));

export const stories = {
  async palette({ page, mock }) {
    const dialog = page.locator('[role=dialog]');
    await page.goto(`${mock.url}/`);
    await settled(page);
    await openPalette(page);
    await page.keyboard.type('sour');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/sources');
    assert.equal(await dialog.count(), 0, 'it closes when something is chosen');
    await openPalette(page);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    const active = await page.getAttribute('[role=combobox]', 'aria-activedescendant');
    assert.equal(await page.getAttribute(`#${active}`, 'aria-selected'), 'true', 'the chosen one is told');
    assert.match(await page.textContent(`#${active}`), /API description/, 'up from the first is the last');
    await page.keyboard.type(mock.state.rows[4].id);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/quarantine/${mock.state.rows[4].id}`);
    await settled(page);
    await page.focus('[aria-label=Reason]');
    await openPalette(page);
    await page.keyboard.type('dark');
    await page.keyboard.press('Enter');
    await page.waitForSelector('html[data-mantine-color-scheme=dark]');
    await openPalette(page);
    await page.keyboard.type('no such thing');
    await page.waitForSelector('text=Nothing by that name');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.locator('aside[aria-label=Entry]').count(), 1, 'Escape closes the palette only');
  },

  async whereOneIs({ page, mock }) {
    await page.setViewportSize({ width: 1440, height: 500 });
    await page.goto(`${mock.url}/settings`);
    await settled(page);
    const here = page.locator('nav [aria-current=page]');
    assert.equal(await here.textContent(), 'Settings');
    await page.waitForFunction(() => {
      const link = document.querySelector('nav [aria-current=page]');
      const { x, y, width, height } = link.getBoundingClientRect();
      return link.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    });
  },

  async reconnect({ page, mock }) {
    await page.clock.install();
    await page.goto(`${mock.url}/`);
    await settled(page);
    await page.waitForSelector('nav >> text=Live');
    mock.state.dead = true;
    for (const s of mock.state.streams) s.destroy();
    await page.waitForSelector('text=Live updates are interrupted');
    await standStill(page); // no retry by itself comes before the click
    mock.state.dead = false;
    await page.dispatchEvent('text=Reconnect now', 'click'); // a click would wait for frames, which stand still
    await page.waitForSelector('nav >> text=/^Live$/');
    await page.waitForSelector('text=Live updates are interrupted', { state: 'detached' });
  },

  async retry({ page, mock }) {
    mock.state.scenario = 'broken';
    await page.clock.install();
    await page.goto(`${mock.url}/sources`);
    await page.waitForSelector('main >> text=Cordon could not answer');
    await standStill(page); // it asks again by itself, too, and the button would be gone before the click
    mock.state.scenario = 'full';
    const asked = page.waitForRequest('**/api/v1/sources*');
    await page.dispatchEvent('main >> text=Try again', 'click');
    await asked;
    await page.clock.resume(); // what comes is drawn by timers
    await page.waitForSelector('main >> text=agents-main');
  },

  async viewer({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/quarantine/${mock.state.rows[0].id}`);
    await settled(page);
    assert.equal(await page.locator('aside >> button:has-text("Real leak")').count(), 0, 'no review buttons');
    assert.equal(await page.locator('nav >> text=Users & keys').count(), 0, 'no administration');
    await page.keyboard.press('a');
    await page.waitForTimeout(200);
    assert.equal(mock.state.rows[0].reviewed, false, 'no review by key');
    await page.goto(`${mock.url}/access`);
    await page.waitForSelector('text=For administrators');
  },
};

export const moments = {
  palette: { path: 'sources', do: ({ page }) => openPalette(page) },
  'palette-typed': {
    path: '',
    async do({ page }) {
      await openPalette(page);
      await page.keyboard.type('build');
    },
  },
  'palette-phone': { path: '', ...phone, do: ({ page }) => page.click('[aria-label^="Go to a page"]') },
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
};
