// The review queue: judged by the keyboard, with a reason, and gone back to.
import assert from 'node:assert/strict';
import { settled, waitFor } from './tools.mjs';

const dialog = '[role=dialog]';
const judged = (mock, verdict) => mock.state.endpoints.filter((e) => e.reviewed_by === 'ana' && e.verdict === verdict);

export const stories = {
  async 'first-seen'({ page, mock }) {
    await page.goto(`${mock.url}/first-seen`);
    await settled(page);
    await page.waitForSelector('text=1,200 more made way for newer ones');
    await page.keyboard.press('j');
    await page.keyboard.press('d');
    await page.waitForSelector(`${dialog} >> text=Leave it refused`);
    await page.keyboard.press('Enter');
    await page.waitForTimeout(100);
    assert.equal(judged(mock, 'deny').length, 0, 'not without a reason');
    await page.fill(`${dialog} input[type=text], ${dialog} input:not([type])`, 'not ours');
    await page.keyboard.press('Enter');
    await waitFor(async () => judged(mock, 'deny').length === 1, 'denied');
    await page.waitForSelector('[role=grid] >> text=Left as it was');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside >> text=What is known');
    await page.keyboard.press('a');
    await page.click(`${dialog} >> text=Every program`);
    await page.fill(`${dialog} input[type=text], ${dialog} input:not([type])`, 'the build needs it');
    await page.click(`${dialog} button:has-text("Allow")`);
    await waitFor(async () => judged(mock, 'allow_always').length === 1, 'allowed');
    await page.waitForSelector('aside >> text=Allowed for every program');
    await page.keyboard.press('z');
    await page.waitForURL('**/first-seen?state=all&open=*');
    await page.keyboard.press('Escape');
    await waitFor(async () => (await page.locator('aside').count()) === 0, 'closed');
  },

  async 'first-seen-viewer'({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/first-seen`);
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside >> text=Your role is viewer');
    assert.equal(await page.locator(dialog).count(), 0, 'a viewer only looks');
  },

  async 'first-seen-conflict'({ page, mock }) {
    mock.state.role = 'responder';
    await page.goto(`${mock.url}/first-seen`);
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    assert.equal(await page.locator(dialog).count(), 0, 'a responder allows nothing');
    await page.keyboard.press('d');
    await page.waitForSelector(`${dialog} >> text=Leave it refused`);
    assert.equal(await page.locator(`${dialog} >> text=Denylist`).count(), 0, 'nor denylists');
    mock.state.endpoints = [];
    await page.fill(`${dialog} input[type=text], ${dialog} input:not([type])`, 'gone?');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${dialog} >> text=there is no endpoint`);
  },

  async programs({ page, mock }) {
    await page.goto(`${mock.url}/programs`);
    await settled(page);
    await page.click('main li:has-text("/usr/bin/curl") >> a:has-text("to review")');
    await page.waitForURL('**/first-seen?program=*');
    await page.waitForSelector('[role=grid] >> text=paste.example:443');
  },
};
