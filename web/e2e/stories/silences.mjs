// Silences: looked at before they are made, made, and ended.
import assert from 'node:assert/strict';
import { settled, waitFor } from './tools.mjs';

const box = 'section[aria-label=Silences]';

async function draft(page, mock) {
  await page.goto(`${mock.url}/webhooks`);
  await settled(page);
  await page.click(`${box} >> text=/^Silence$/`);
  await page.getByLabel('Topics').fill('leak.message.*');
  await page.getByLabel('Up to').selectOption('critical');
}

export const stories = {
  async silences({ page, mock }) {
    const before = mock.state.silences.length;
    await draft(page, mock);
    await page.waitForSelector('[role=dialog] >> text=/would have kept back [1-9]/');
    await page.getByLabel('Rules').fill('another-rule');
    await page.waitForSelector('[role=dialog] >> text=/would have kept back 0 events, and told/');
    await page.getByLabel('Rules').fill('');
    await page.getByLabel('Reason').fill('a drill');
    await page.click('[role=dialog] button:has-text("Silence")');
    await waitFor(() => mock.state.silences.length === before + 1, 'the silence is made');
    const made = mock.state.silences[0];
    assert.deepEqual(
      [made.topics, made.max_severity, made.reason, made.webhooks],
      [['leak.message.*'], 'critical', 'a drill', []],
    );
    await page.waitForSelector(`${box} >> text=3 silences in force`);
    await page.click(`${box} li:has-text("ana: a drill") button:has-text("End")`);
    await page.click('[role=dialog] button:has-text("End it")');
    await page.waitForSelector(`${box} >> text=2 silences in force`);
  },

  async 'silences-of-a-viewer'({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/webhooks`);
    await page.waitForSelector(`${box} >> text=the importer is being rewritten`);
    assert.equal(await page.locator(`${box} button`).count(), 0, 'a viewer silences nothing');
  },
};

export const moments = {
  silence: {
    path: 'webhooks',
    async do({ page, mock }) {
      await draft(page, mock);
      await page.waitForSelector('[role=dialog] >> text=/would have kept back [1-9]/');
    },
  },
};
