// Attackers: ordered by score, why one has theirs, what they gave away, their way.
import assert from 'node:assert/strict';
import { settled, waitFor } from './tools.mjs';

const pane = 'aside[aria-label=Attacker]';
const leaking = (mock, total) =>
  mock.state.attackers.find((a) => Number(a.id.slice(-3)) % 3 === [0, 7, 37].indexOf(total));

export const stories = {
  async attackers({ page, mock }) {
    await page.goto(`${mock.url}/attackers`);
    await settled(page);
    await page.selectOption('[aria-label=Order]', 'score');
    await page.selectOption('[aria-label=Score]', '90');
    await page.waitForURL('**/attackers?order=score&min=90');
    await settled(page);
    await page.locator('[role=grid]').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${pane} >> text=They tried secrets of yours`);
    await page.waitForSelector(`${pane} >> text=tried 2 secrets that leaked here`);
    await page.waitForSelector(`${pane} >> text=Together 110; a score ends at 100.`);
    await page.waitForSelector(`${pane} >> text=Scanned · 1 service`);
    await page.waitForSelector(`${pane} >> text=Interacted with · 1 service`);
    await page.waitForSelector(`${pane} >> text=and is here now`);
    await page.click(`${pane} ol li:first-child a`);
    await page.waitForURL('**/sessions?open=*');
    await page.waitForSelector('aside[aria-label=Session]');
  },

  async 'attacker-leaks'({ page, mock }) {
    const rows = `${pane} dd li`;
    await page.goto(`${mock.url}/attackers?open=${leaking(mock, 0).id}`);
    await page.waitForSelector(`${pane} >> text=Leaked IPs`);
    assert.equal(await page.locator(rows).count(), 0);
    await page.goto(`${mock.url}/attackers?open=${leaking(mock, 7).id}`);
    await page.waitForSelector(`${pane} >> text=+ 2 more`);
    assert.equal(await page.locator(rows).count(), 5);
    assert.equal(await page.locator(`${pane} >> text=ROTATION`).count(), 0);
    await page.click(`${pane} >> text=+ 2 more`);
    await waitFor(async () => (await page.locator(rows).count()) === 7, 'all are shown');
    await page.goto(`${mock.url}/attackers?open=${leaking(mock, 37).id}`);
    await page.waitForSelector(`${pane} >> text=ROTATION · 37`);
    await page.waitForSelector(`${pane} >> text=(+27 beyond sample)`);
    assert.equal(await page.locator('img').count(), 0, 'markup stays text');
  },

  async 'attacker-by-address'({ page, mock }) {
    const { address } = mock.state.attackers[0];
    await page.goto(`${mock.url}/attackers?open=${address}`);
    await page.waitForSelector(`${pane} h2:has-text("${address}")`);
    await page.goto(`${mock.url}/attackers?open=192.0.2.250`);
    await page.waitForSelector(`${pane} >> text=Not found`);
  },
};

const opened = (total) => ({
  path: 'attackers',
  async do({ page, mock }) {
    await page.goto(`${mock.url}/attackers?open=${leaking(mock, total).id}`);
    await page.waitForSelector(`${pane} >> text=Their way`);
    await settled(page);
  },
});

export const moments = { attacker: opened(7), 'attacker-rotation': opened(37) };
