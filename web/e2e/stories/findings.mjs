// Findings: the filter, the pane, the export of what the filter leaves.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { settled } from '../shots.mjs';

const pane = 'aside[aria-label=Finding]';

async function exported(page) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('button:has-text("Export CSV")')]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
}

export const stories = {
  async findings({ page, mock }) {
    await page.goto(`${mock.url}/findings`);
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${pane} >> text=Facts`);
    assert.ok(page.url().includes('open='), 'the finding is in the address');
    await page.keyboard.press('j');
    await page.waitForSelector(`${pane} >> text=2 of`);
    await page.click(`${pane} >> [title="Every sighting of this secret"]`);
    await page.waitForURL('**/findings?fingerprint=*');
    await page.waitForSelector('text=Of one secret:');
    await page.click('button:has-text("Clear")');
    await page.waitForURL('**/findings');
    await page.click('fieldset button:has-text("info")');
    await page.waitForURL('**/findings?severity=info');
    await settled(page);
    await page.keyboard.press('?');
    await page.waitForSelector('[role=dialog] >> text=next finding');
  },

  async 'export-findings'({ page, mock }) {
    await page.goto(`${mock.url}/findings`);
    await settled(page);
    const { name, text } = await exported(page);
    assert.match(name, /^cordon-findings-\d{4}-\d\d-\d\d\.csv$/);
    assert.equal(text.trimEnd().split('\r\n').length, 641, 'a heading and every finding');
  },

  async 'export-quarantine'({ page, mock }) {
    await page.goto(`${mock.url}/quarantine?severity=high`);
    await settled(page);
    const { text } = await exported(page);
    const [heading, ...lines] = text.trimEnd().split('\r\n');
    assert.ok(heading.startsWith('\ufeff"id","timestamp","source"'));
    assert.equal(lines.length, mock.state.rows.filter((r) => r.severity === 'high').length, 'what the filter leaves');
    const hostile = lines.find((l) => l.includes('HYPERLINK'));
    assert.ok(hostile.includes(`"'=HYPERLINK(""http://evil.example""`), 'a formula is disarmed');
    assert.ok(!text.includes('\u001b') && !text.includes('\u202e'), 'control characters are spelled out');
  },

  async 'export-fails'({ page, mock }) {
    await page.goto(`${mock.url}/quarantine`);
    await settled(page);
    mock.state.scenario = 'broken';
    await page.click('button:has-text("Export CSV")');
    await page.waitForSelector('text=Nothing was saved');
    await page.waitForSelector('button:has-text("Export CSV")');
  },
};

export const moments = {
  finding: {
    path: 'findings',
    async do({ page }) {
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.waitForSelector(`${pane} >> text=Facts`);
    },
  },
};
