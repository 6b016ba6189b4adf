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

const pane = 'aside[aria-label=Incident]';

/** Opens an incident with a secret, and asks for a silence of it. */
async function ofIncident(page, mock) {
  const i = mock.state.incidents.find((x) => x.fingerprint !== '' && x.closed_at === null);
  await page.goto(`${mock.url}/incidents?open=${i.id}`);
  await page.click(`${pane} button:has-text("Silence…")`);
  await page.waitForSelector('[role=dialog] >> text=/would have hidden 12 events, which tell of 3 incidents/');
  return i;
}

export const stories = {
  async 'silence-of-an-incident'({ page, mock }) {
    const i = await ofIncident(page, mock);
    await page.getByLabel('About').selectOption('rule');
    await page.waitForSelector('[role=dialog] >> text=/would have hidden 340 events.*and more before/');
    await page.getByLabel('About').selectOption('secret');
    await page.getByLabel('Reason').fill('a test token');
    await page.click('[role=dialog] button:has-text("Silence")');
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
    const made = mock.state.silences[0];
    assert.deepEqual([made.fingerprints, made.rules, made.max_severity], [[i.fingerprint], [], 'high']);
    assert.equal(Math.round((Date.parse(made.until) - Date.now()) / 86_400_000), 90, 'days');
  },

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
  'silence-of-an-incident': {
    path: 'incidents',
    async do({ page, mock }) {
      await ofIncident(page, mock);
    },
  },
  silence: {
    path: 'webhooks',
    async do({ page, mock }) {
      await draft(page, mock);
      await page.waitForSelector('[role=dialog] >> text=/would have kept back [1-9]/');
    },
  },
};
