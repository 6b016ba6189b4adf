// The audit log: filters, what changed, verification, checkpoints.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { phone, settled } from './tools.mjs';

const result = '[role=dialog] [aria-label=Result]';

export const stories = {
  async audit({ page, mock }) {
    await page.goto(`${mock.url}/audit`);
    await settled(page);
    await page.keyboard.press('/');
    await page.keyboard.type('user.*');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/audit?action=user.*');
    await settled(page);
    await page.fill('[aria-label=Actor]', 'bo');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/audit?actor=bo&action=user.*');
    await settled(page);
    await page.fill('[aria-label=Actor]', 'nobody');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=No record matches');
    await page.click('button:has-text("Clear")');
    await page.waitForURL('**/audit');
    await page.waitForSelector('[role=grid]');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside[aria-label=Record]');
    await page.keyboard.press('j');
    await page.keyboard.press('Escape');
    await page.waitForSelector('aside', { state: 'detached' });
  },

  async 'audit-diff'({ page, mock }) {
    const r = mock.state.records.find((x) => x.action === 'webhook.update');
    await page.goto(`${mock.url}/audit?action=webhook.update&open=${r.seq}`);
    await page.waitForSelector('aside [aria-label="What changed"]');
    const text = await page.textContent('aside [aria-label="What changed"]');
    assert.match(text, /min_severity.*low.*high/);
    assert.match(text, /topics\[1\]added/);
    assert.match(text, /3 unchanged/);
  },

  async 'audit-hostile'({ page, mock }) {
    await page.goto(`${mock.url}/audit?open=${mock.state.records[1].seq}`);
    await page.waitForSelector('aside[aria-label=Record]');
    const text = await page.textContent('main');
    assert.ok(text.includes('<script>alert(1)</script>') && text.includes('<ESC>'), 'shown as text');
    assert.ok(!text.includes('\u001b') && !text.includes('\u202e'), 'control characters are visible');
  },

  async 'audit-verify'({ page, mock }) {
    await page.goto(`${mock.url}/audit`);
    await settled(page);
    const saving = page.waitForEvent('download');
    await page.click('button:has-text("Save checkpoint")');
    const file = await (await saving).path();
    const saved = JSON.parse(await readFile(file, 'utf8'));
    assert.equal(saved.seq, 240);
    await page.click('button:has-text("Verify")');
    await page.click('[role=dialog] button:has-text("Verify")');
    await page.waitForSelector(`${result} >> text=The log is whole`);
    const input = page.locator('[role=dialog] input[type=file]');
    await input.setInputFiles({
      name: 'checkpoint.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify({ ...saved, hash: 'f'.repeat(64) })),
    });
    await page.click('[role=dialog] button:has-text("Verify again")');
    await page.waitForSelector(`${result} >> text=The log is not what it was: 1 problem`);
    await page.waitForSelector(`${result} >> text=names another hash`);
    await input.setInputFiles({ name: 'cat.png', mimeType: 'image/png', buffer: Buffer.from('meow') });
    await page.click('[role=dialog] button:has-text("Verify again")');
    await page.waitForSelector('[role=dialog] >> text=This file is not a checkpoint');
  },

  async 'audit-tampered'({ page, mock }) {
    mock.state.tampered = true;
    await page.goto(`${mock.url}/audit`);
    await settled(page);
    await page.click('button:has-text("Save checkpoint")');
    await page.waitForSelector('text=No checkpoint was made: record 117');
  },

  async 'audit-viewer'({ page, mock }) {
    mock.state.role = 'responder';
    let asked = false;
    page.on('request', (r) => {
      asked ||= r.url().includes('/api/v1/audit');
    });
    await page.goto(`${mock.url}/audit`);
    await page.waitForSelector('text=For administrators');
    assert.equal(asked, false, 'the log is not asked for');
  },
};

const openUpdate = ({ page, mock }) => {
  const r = mock.state.records.find((x) => x.action === 'webhook.update');
  return page.goto(`${mock.url}/audit?open=${r.seq}`);
};

async function verify({ page }) {
  await page.click('button:has-text("Verify")');
  await page.click('[role=dialog] button:has-text("Verify")');
  await page.waitForSelector(result);
}

export const moments = {
  'audit-record': { path: 'audit', do: openUpdate },
  'audit-record-phone': { path: 'audit', ...phone, do: openUpdate },
  'audit-verified': { path: 'audit', do: verify },
  'audit-problems': {
    path: 'audit',
    async do({ page, mock }) {
      mock.state.tampered = true;
      await verify({ page });
    },
  },
};
