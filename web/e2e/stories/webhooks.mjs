// Webhooks: the list, a new one with its secret, testing, states, deliveries.
import assert from 'node:assert/strict';
import { settled } from '../shots.mjs';
import { waitFor } from './tools.mjs';

const pane = 'aside[aria-label=Webhook]';
const hook = (mock, id) => mock.state.webhooks.find((w) => w.id === id);

export const stories = {
  async 'webhook-new'({ page, mock }) {
    await page.goto(`${mock.url}/webhooks`);
    await settled(page);
    await page.click('button:has-text("Add a webhook")');
    await page.getByRole('textbox', { name: 'Id', exact: true }).fill('my-program');
    await page.getByRole('textbox', { name: 'URL' }).fill('ftp://nowhere');
    await page.click('aside >> button:has-text("Add the webhook")');
    await page.waitForSelector('text=url does not begin with');
    assert.equal(await page.getByRole('textbox', { name: 'URL' }).getAttribute('aria-invalid'), 'true');
    await page.getByRole('textbox', { name: 'URL' }).fill('https://hooks.example.com/a-key-in-the-path');
    await page.getByRole('combobox', { name: 'Patterns' }).fill('system.*.health');
    await page.keyboard.press('Enter');
    await page.click('aside >> button:has-text("Add the webhook")');
    await page.waitForSelector('text=Copy this signing secret now');
    assert.deepEqual(hook(mock, 'my-program').presets, ['Leaks']);
    assert.ok(hook(mock, 'my-program').topics.includes('system.*.health'));
    await page.keyboard.press('Escape');
    await page.waitForTimeout(100);
    assert.equal(await page.locator('text=Copy this signing secret now').count(), 1, 'no slip of a key hides it');
    await page.click('text=I have stored it');
    await page.waitForURL('**/webhooks/my-program');
    await page.waitForSelector(`${pane} >> text=hooks.example.com`);
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
    const shown = await page.textContent('body');
    assert.ok(!shown.includes('whsec_') && !shown.includes('a-key-in-the-path'), 'secret and path are gone');
  },

  async 'webhook-test'({ page, mock }) {
    await page.goto(`${mock.url}/webhooks`);
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${pane} >> text=Five failures in a row`);
    await page.click(`${pane} >> button:has-text("Send a test")`);
    await page.waitForSelector('text=The test did not arrive: the receiver answered 503');
    await page.keyboard.press('j');
    await page.click(`${pane} >> button:has-text("Send a test")`);
    await page.waitForSelector('text=The test arrived');
    await page.waitForSelector(`${pane} >> text=system.webhook.test`);
  },

  async 'webhook-states'({ page, mock }) {
    await page.goto(`${mock.url}/webhooks/on-call`);
    await settled(page);
    await page.click(`${pane} >> button:has-text("Enable")`);
    await page.keyboard.type('the receiver is back');
    await page.keyboard.press('Enter');
    await waitFor(() => hook(mock, 'on-call').state === 'active', 'enabled');
    await page.click(`${pane} >> button:has-text("Pause")`);
    await page.keyboard.press('Enter');
    await waitFor(() => hook(mock, 'on-call').state === 'paused', 'paused');
    await page.waitForSelector(`${pane} >> text=A person paused it`);
    await page.click(`${pane} >> button:has-text("Remove")`);
    await page.click('button:has-text("Remove the webhook")');
    await waitFor(() => hook(mock, 'on-call') === undefined, 'removed');
    await page.waitForURL('**/webhooks');
  },

  async 'webhook-edit'({ page, mock }) {
    await page.goto(`${mock.url}/webhooks/security-chat`);
    await settled(page);
    await page.click(`${pane} >> button:has-text("Edit")`);
    await page.getByLabel('SystemStatus').check();
    await page.keyboard.press('j');
    assert.ok(page.url().endsWith('/security-chat'), 'keys in a form are its own');
    await page.getByLabel('Of severity').selectOption('high');
    await page.getByLabel('Make a new signing secret').check();
    await page.click('button:has-text("Save")');
    await page.waitForSelector('text=Copy this signing secret now');
    const w = hook(mock, 'security-chat');
    assert.deepEqual(w.presets, ['Leaks', 'SystemStatus']);
    assert.deepEqual([w.host, w.min_severity], ['hooks.slack.com', 'high'], 'the address stays');
    assert.deepEqual(w.rules, ['github-pat', 'aws-access-key-id'], 'what was not touched stays');
    await page.click('text=I have stored it');
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
    await page.click(`${pane} >> button:has-text("Edit")`);
    w.version++;
    await page.click('button:has-text("Save")');
    await page.waitForSelector('text=Somebody else changed this webhook');
  },

  async 'webhook-escalate'({ page, mock }) {
    await page.goto(`${mock.url}/webhooks/security-chat`);
    await settled(page);
    await page.waitForSelector(`${pane} >> text=on-call after 15 min`);
    await page.click(`${pane} >> button:has-text("Edit")`);
    assert.equal(await page.getByLabel('Step 1: after').inputValue(), '15');
    await page.click('button:has-text("Then tell another")');
    await page.getByLabel('Step 2: after').fill('2');
    await page.getByLabel('Step 2: unit of time').selectOption('h');
    await page.getByLabel('Step 2: webhook that is told').selectOption('security-chat');
    await page.click('button:has-text("Save")');
    await waitFor(() => hook(mock, 'security-chat').escalate.length === 2, 'saved');
    assert.deepEqual(hook(mock, 'security-chat').escalate[1], { after: '2h', to: 'security-chat' });
    await page.waitForSelector(`${pane} >> text=security-chat after 2 h`);
    await page.click(`${pane} >> button:has-text("Edit")`);
    await page.getByRole('button', { name: 'Remove step 1' }).click();
    await page.getByRole('button', { name: 'Remove step 1' }).click();
    await page.waitForSelector('text=Nobody else is told');
    await page.click('button:has-text("Save")');
    await waitFor(() => hook(mock, 'security-chat').escalate.length === 0, 'nobody is told any more');
  },

  async 'webhook-trips'({ page, mock }) {
    await page.goto(`${mock.url}/webhooks`);
    await settled(page);
    await page.waitForSelector('nav >> text=/^Live$/');
    Object.assign(hook(mock, 'security-chat'), { state: 'tripped', failures: 5 });
    mock.send('system.webhook.subscriptions_changed', 'high', {});
    await page.waitForSelector('[role=row]:has-text("security-chat") >> text=tripped', { timeout: 5_000 });
  },

  async 'webhook-managed'({ page, mock }) {
    await page.goto(`${mock.url}/webhooks/audit-archive`);
    await settled(page);
    await page.waitForSelector(`${pane} >> text=Change it in the configuration file`);
    for (const name of ['Edit', 'Pause', 'Remove'])
      assert.equal(await page.locator(`${pane} >> button:has-text("${name}")`).count(), 0, `${name} is not offered`);
    await page.waitForSelector(`${pane} >> button:has-text("Send a test")`);
  },

  async deliveries({ page, mock }) {
    await page.goto(`${mock.url}/webhooks/on-call`);
    await settled(page);
    await page.click(`${pane} >> text=All deliveries`);
    await page.waitForURL('**/webhooks/on-call/deliveries');
    await settled(page);
    await page.click('label:has-text("Dead")');
    await page.waitForURL('**/deliveries?state=dead');
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const first = mock.state.deliveries['on-call'].find((d) => d.state === 'dead');
    await page.click('aside[aria-label=Delivery] >> button:has-text("Redeliver")');
    await waitFor(() => first.state === 'pending', 'queued again');
    await page.keyboard.press('Escape');
    await page.click('button:has-text("dead letter")');
    await waitFor(() => mock.state.deliveries['on-call'].every((d) => d.state !== 'dead'), 'all queued again');
    await page.waitForSelector('text=None in this state');
  },

  async 'webhook-viewer'({ page, mock }) {
    mock.state.role = 'responder';
    await page.goto(`${mock.url}/webhooks`);
    await page.waitForSelector('text=For administrators');
    assert.equal(await page.locator('nav >> text=Webhooks').count(), 0, 'not in the navigation');
  },
};

export const moments = {
  'webhook-new': { path: 'webhooks', do: ({ page }) => page.click('button:has-text("Add a webhook")') },
  'webhook-new-phone': {
    path: 'webhooks',
    width: 390,
    height: 844,
    do: ({ page }) => page.click('button:has-text("Add a webhook")'),
  },
  'webhook-tested': {
    path: 'webhooks/on-call',
    async do({ page }) {
      await page.click('button:has-text("Send a test")');
      await page.waitForSelector('text=did not arrive');
    },
  },
  'webhook-secret': {
    path: 'webhooks/security-chat',
    async do({ page }) {
      await page.click('aside >> button:has-text("Edit")');
      await page.getByLabel('Make a new signing secret').check();
      await page.click('button:has-text("Save")');
      await page.waitForSelector('text=Copy this signing secret now');
    },
  },
  'webhook-escalating': {
    path: 'webhooks/security-chat',
    height: 1700,
    async do({ page }) {
      await page.click('aside >> button:has-text("Edit")');
      await page.click('button:has-text("Then tell another")');
    },
  },
  'webhook-escalating-phone': {
    path: 'webhooks/security-chat',
    width: 390,
    height: 2400,
    async do({ page }) {
      await page.click('aside >> button:has-text("Edit")');
      await page.click('button:has-text("Then tell another")');
    },
  },
  'webhook-delivery': {
    path: 'webhooks/on-call/deliveries?state=failed',
    async do({ page }) {
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.waitForSelector('aside[aria-label=Delivery]');
    },
  },
};
