// Deckies: how each fares, one added, one removed.
import assert from 'node:assert/strict';
import { settled, waitFor } from './tools.mjs';

const dialog = '[role=dialog]';
const pane = 'aside[aria-label=Decky]';
const field = (label) => `${dialog} label:has-text("${label}") ~ * input`;

export const stories = {
  async 'decky-add'({ page, mock }) {
    await page.goto(`${mock.url}/deckies`);
    await settled(page);
    await page.waitForSelector('[role=row]:has-text("far") >> text=its node is silent');
    await page.click('button:has-text("Add a decky")');
    await page.fill(field('Name'), 'trap');
    await page.fill(field('Services'), 'redis:99999');
    await page.waitForSelector(`${dialog} >> text=is no service`);
    assert.equal(await page.isDisabled(`${dialog} button[type=submit]`), true, 'not with such a port');
    await page.fill(field('Services'), 'redis:6380, ssh');
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector(`${dialog} >> text=there is one by this name`);
    await page.fill(field('Name'), 'trap-2');
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector('[role=row]:has-text("trap-2")');
    assert.deepEqual(
      mock.state.deckies.at(-1).services.map((s) => s.kind),
      ['redis', 'ssh'],
    );
  },

  async 'decky-mutate'({ page, mock }) {
    await page.goto(`${mock.url}/deckies?open=${mock.state.deckies[1].id}`);
    await page.waitForSelector(`${pane} >> text=about every 7 days`);
    await page.click(`${pane} button:has-text("Mutate…")`);
    await page.waitForSelector(`${dialog} >> text=1 client on it may go on`);
    await page.fill(`${dialog} input`, 'it was seen through');
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector(`${pane} >> text=It is to mutate`);
    assert.equal(mock.state.mutatedBecause, 'it was seen through');
    assert.equal(await page.locator(`${pane} button:has-text("Mutate…")`).count(), 0, 'not twice');
  },

  async 'decky-remove'({ page, mock }) {
    await page.goto(`${mock.url}/deckies?open=${mock.state.deckies[0].id}`);
    await page.waitForSelector(`${pane} >> text=change it there`);
    await page.goto(`${mock.url}/deckies?open=${mock.state.deckies[2].id}`);
    await page.click(`${pane} button:has-text("Remove…")`);
    await page.fill(`${dialog} input`, 'no longer needed');
    await page.click(`${dialog} button[type=submit]`);
    await waitFor(() => mock.state.deckies.every((d) => d.name !== 'trap'), 'removed');
    assert.equal(mock.state.removedBecause, 'no longer needed');
  },
};

export const moments = {
  'decky-mutate': {
    path: 'deckies',
    async do({ page, mock }) {
      await page.goto(`${mock.url}/deckies?open=${mock.state.deckies[1].id}`);
      await page.click(`${pane} button:has-text("Mutate…")`);
    },
  },
  'decky-add': {
    path: 'deckies',
    async do({ page }) {
      await page.click('button:has-text("Add a decky")');
      await page.fill(field('Services'), 'redis:99999');
    },
  },
  decky: {
    path: 'deckies',
    async do({ page, mock }) {
      await page.goto(`${mock.url}/deckies?open=${mock.state.deckies[1].id}`);
      await page.waitForSelector(`${pane} >> text=Claims to run`);
    },
  },
};
