// Users and API keys.
import assert from 'node:assert/strict';
import { settled, waitFor } from './tools.mjs';

const dialog = '[role=dialog]';

async function choose(page, user, item) {
  await page.click(`[aria-label="Change ${user}"]`);
  await page.click(`[role=menuitem]:has-text("${item}")`);
  await page.waitForSelector(dialog);
}

export const stories = {
  async users({ page, mock }) {
    const user = (name) => mock.state.users.find((u) => u.name === name);
    await page.goto(`${mock.url}/access`);
    await settled(page);
    await choose(page, 'bo', 'Change the role');
    assert.equal(await page.isDisabled(`${dialog} button[type=submit]`), true, 'the same role is no change');
    await page.selectOption(`${dialog} select`, 'responder');
    await page.fill(`${dialog} input:not([type=hidden])`, 'on call');
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector('text=bo is responder now');
    assert.equal(user('bo').role, 'responder');
    await choose(page, 'bo', 'Disable');
    await page.click(`${dialog} button[type=submit]`);
    await waitFor(() => user('bo').disabled_at !== null, 'disabled');
    await page.waitForSelector('text=bo is disabled');
    await choose(page, 'bo', 'Let in again');
    await page.click(`${dialog} button[type=submit]`);
    await waitFor(() => user('bo').disabled_at === null, 'let in again');
    await choose(page, 'carla', 'Set a password');
    await page.fill(`${dialog} [autocomplete=new-password]`, 'a long enough phrase');
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector('text=Password of carla set');
    await choose(page, 'carla', 'Remove');
    await page.click(`${dialog} button[type=submit]`);
    await waitFor(() => user('carla') === undefined, 'removed');
  },

  async 'last-admin'({ page, mock }) {
    await page.goto(`${mock.url}/access`);
    await settled(page);
    await choose(page, 'ana', 'Remove');
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector(`${dialog} >> text=ana is the last administrator`);
    await page.keyboard.press('Escape');
    await page.waitForSelector(dialog, { state: 'detached' });
    assert.ok(mock.state.users.some((u) => u.name === 'ana'));
  },

  async scopes({ page, mock }) {
    await page.goto(`${mock.url}/access`);
    await settled(page);
    await page.click('text=Create a key');
    await page.fill('[placeholder="ci"]', 'relay');
    await page.click('text=Only some areas');
    await page.check('[aria-label="rules:read"]');
    await page.check('[aria-label="leak:read"]');
    await page.check('[aria-label="node:write"]');
    await page.uncheck('[aria-label="node:write"]');
    await page.click('text=Create the key');
    await page.waitForSelector('text=Copy this key now');
    assert.deepEqual(mock.state.keys[0].scopes, ['leak:read', 'rules:read']);
    await page.waitForSelector('li:has-text("relay") >> text=leak:read, rules:read');
  },

  async account({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/`);
    await settled(page);
    await page.click('nav button:has-text("ana")');
    await page.click('[role=menuitem]:has-text("Your account")');
    await page.waitForURL('**/account');
    await page.click('button:has-text("End the session from 10.9.1.3")');
    await page.waitForSelector('text=Session ended');
    assert.equal(mock.state.sessions.length, 1);
    await page.click('button:has-text("Change your password")');
    await page.fill(`${dialog} [autocomplete=current-password]`, 'wrong');
    await page.fill(`${dialog} [autocomplete=new-password]`, 'a long enough phrase');
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector(`${dialog} >> text=the current password is wrong`);
    await page.fill(`${dialog} [autocomplete=current-password]`, 'correct horse battery');
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector('text=Password changed');
  },

  async keys({ page, mock }) {
    await page.goto(`${mock.url}/access`);
    await settled(page);
    await page.click('text=Create a key');
    await page.fill('[placeholder="ci"]', 'grafana');
    await page.click('text=Create the key');
    await page.waitForSelector('text=Copy this key now');
    await page.click('text=I have stored it');
    await page.click('[aria-label="Revoke grafana"]');
    await page.click('[aria-label="Really revoke grafana"]');
    await waitFor(() => mock.state.keys[0].revoked_at !== null, 'revoked');
  },
};

export const moments = {
  'user-menu': { path: 'access', do: ({ page }) => page.click('[aria-label="Change bo"]') },
  'user-role': { path: 'access', do: ({ page }) => choose(page, 'bo', 'Change the role') },
  'user-password': { path: 'access', do: ({ page }) => choose(page, 'carla', 'Set a password') },
  'key-scopes': {
    path: 'access',
    async do({ page }) {
      await page.click('text=Create a key');
      await page.click('text=Only some areas');
      await page.check('[aria-label="leak:read"]');
    },
  },
  'key-made': {
    path: 'access',
    async do({ page }) {
      await page.click('text=Add a user');
      await page.click('text=Create a key');
      await page.fill('[placeholder="ci"]', 'grafana');
      await page.click('text=Create the key');
      await page.waitForSelector('text=Copy this key now');
    },
  },
};
