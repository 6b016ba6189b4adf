// The egress pages: decisions as they come, the policy, the kill switch.
import assert from 'node:assert/strict';
import { decide } from '../../mock/egress.mjs';
import { settled, waitFor } from './tools.mjs';

const dialog = '[role=dialog]';

export const stories = {
  async decisions({ page, mock }) {
    await page.goto(`${mock.url}/decisions`);
    await settled(page);
    decide(mock.state, mock.send);
    await page.waitForSelector('[role=grid] >> text=fresh.example');
    await page.selectOption('[aria-label=Verdict]', 'allow');
    await waitFor(
      async () => (await page.locator('[role=grid] >> text=denied').count()) === 0,
      'only what was allowed',
    );
    await page.goto(`${mock.url}/decisions?host=paste.example`);
    await page.click('[role=grid] >> text=paste.example:443');
    await page.waitForSelector('aside >> text=no rule names paste.example');
    await page.waitForSelector('aside >> text=cordon egress add paste.example:443');
    await page.keyboard.press('Escape');
    await waitFor(async () => (await page.locator('aside').count()) === 0, 'closed');
  },

  async destinations({ page, mock }) {
    await page.goto(`${mock.url}/destinations`);
    await settled(page);
    await page.click('button:has-text("Most sent")');
    assert.match(await page.textContent('main li:first-child'), /stripe|npmjs/);
    await page.click('main a:has-text("paste.example")');
    await page.waitForURL('**/decisions?host=paste.example');
  },

  async policy({ page, mock }) {
    await page.goto(`${mock.url}/policy`);
    await settled(page);
    const editor = page.locator('textarea[aria-label="Policy as YAML"]');
    const was = await editor.inputValue();
    await editor.fill(was.replace('api.stripe.example', 'pay.example'));
    await page.waitForSelector('[aria-label="Differs from what is in force"] >> text=pay.example');
    await page.click('button:has-text("Try it")');
    await page.waitForSelector('[aria-label="What it would change"] >> text=api.stripe.example');
    await page.click('button:has-text("Put it into force")');
    await page.fill(`${dialog} input`, 'the provider moved');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Version 4 of the policy is in force');
    await page.click('button:has-text("Version 2")');
    await page.waitForSelector('button:has-text("Go back to version 2")');
    await page.click('button:has-text("Go back to version 2")');
    await page.fill(`${dialog} input`, 'back');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Version 5 of the policy is in force');
    assert.equal(mock.state.versions.at(-1).origin, 'rollback');
  },

  async 'policy-wrong'({ page, mock }) {
    await page.goto(`${mock.url}/policy`);
    await settled(page);
    await page.locator('textarea[aria-label="Policy as YAML"]').fill('mode: strict\nnonsense: 1\n');
    await page.click('button:has-text("Try it")');
    await page.waitForSelector('text=there is no such key');
    mock.state.versions.push({ ...mock.state.versions.at(-1), version: 4, hash: 'hash-other' });
    await page.locator('textarea[aria-label="Policy as YAML"]').fill('mode: strict\n');
    await page.click('button:has-text("Put it into force")');
    await page.fill(`${dialog} input`, 'mine');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${dialog} >> text=changed meanwhile`);
  },

  async killswitch({ page, mock }) {
    await page.goto(`${mock.url}/killswitch`);
    await settled(page);
    await page.click('button:has-text("Stop everything")');
    await page.click(`${dialog} button:has-text("Stop everything")`);
    await page.waitForTimeout(100);
    assert.equal(mock.state.killSwitch.active, false, 'not without a reason');
    await page.fill(`${dialog} input`, 'a token leaked');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h2:has-text("Everything is stopped")');
    await page.waitForSelector('main >> text=a token leaked');
    await page.click('button:has-text("Let the policy decide again")');
    await page.fill(`${dialog} input`, 'revoked');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h2:has-text("The policy decides")');
  },

  async 'killswitch-responder'({ page, mock }) {
    mock.state.role = 'responder';
    mock.state.killSwitch = { active: true, reason: 'drill', by: 'ana', since: new Date().toISOString() };
    await page.goto(`${mock.url}/killswitch`);
    await page.waitForSelector('text=Only an administrator may lift it');
    assert.equal(await page.locator('main button:has-text("Let the policy")').count(), 0);
  },

  async 'policy-viewer'({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/policy`);
    await settled(page);
    assert.equal(await page.locator('button:has-text("Put it into force")').count(), 0, 'a viewer only looks');
    assert.equal(await page.locator('textarea[readonly]').count(), 1);
  },
};
