// What playbooks ask for: approved, rejected and undone, by hand and by key.
import assert from 'node:assert/strict';
import { settled, waitFor } from './tools.mjs';

const pane = 'aside[aria-label=Action]';

/** Answers the open dialog. */
async function because(page, verb, reason) {
  await page.getByLabel('Reason').fill(reason);
  await page.click(`[role=dialog] button:has-text("${verb}")`);
  await page.waitForSelector('[role=dialog]', { state: 'detached' });
}

const named = (mock, state, kind = 'block') => mock.state.actions.find((a) => a.state === state && a.kind === kind);

export const stories = {
  async actions({ page, mock }) {
    const first = mock.state.actions[0];
    await page.goto(`${mock.url}/actions`);
    await settled(page);
    await page.selectOption('select[aria-label=State]', 'pending');
    await page.waitForURL('**/actions?state=pending');
    await page.goto(`${mock.url}/actions?open=${first.id}`);
    await page.click(`${pane} button:has-text("Approve")`);
    await because(page, 'Approve', 'seen in our own log');
    assert.equal(first.state, 'due');
    assert.equal(first.reason, 'seen in our own log');
    await page.waitForSelector(`${pane} >> text=due`);
    const done = named(mock, 'done', 'quarantine');
    await page.goto(`${mock.url}/actions?open=${done.id}`);
    await page.waitForSelector(`${pane} >> text=The quarantine entry that it made`);
    await page.keyboard.press('u');
    await page.waitForSelector('[role=dialog] >> text=Gossip gateways let the secret pass again');
    await because(page, 'Undo', 'a test');
    assert.equal(done.state, 'undone');
    await page.waitForSelector(`${pane} >> text=a test`);
    assert.equal(await page.locator(`${pane} button:has-text("Undo")`).count(), 0, 'undone twice');
  },

  async 'actions-fixed'({ page, mock }) {
    await page.goto(`${mock.url}/actions?open=${named(mock, 'done', 'notify').id}`);
    await page.waitForSelector(`${pane} >> text=What was said cannot be unsaid.`);
    assert.equal(await page.locator(`${pane} button:has-text("Undo…")`).count(), 0, 'a notice is undone');
  },

  async 'actions-of-a-viewer'({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/actions?open=${mock.state.actions[0].id}`);
    await page.waitForSelector(`${pane} >> text=A responder decides`);
    await page.keyboard.press('a');
    assert.equal(await page.locator('[role=dialog]').count(), 0, 'a viewer is asked');
  },

  async 'actions-live'({ page, mock }) {
    await page.goto(`${mock.url}/actions?state=failed`);
    await settled(page);
    const first = mock.state.actions[0];
    Object.assign(first, { state: 'failed', result: 'it is ours' });
    mock.send('response.action.changed', 'high', { action_id: first.id, state: 'failed' });
    await waitFor(async () => (await page.locator('[role=grid] [role=row]').count()) >= 3, 'the new row is there');
  },
};

export const moments = {
  'action-open': {
    path: 'actions',
    async do({ page, mock }) {
      await page.goto(`${mock.url}/actions?open=${named(mock, 'undone').id}`);
      await page.waitForSelector(`${pane} >> text=What is known`);
    },
  },
  'action-undo': {
    path: 'actions',
    async do({ page, mock }) {
      await page.goto(`${mock.url}/actions?open=${named(mock, 'done', 'quarantine').id}`);
      await page.click(`${pane} button:has-text("Undo")`);
      await page.waitForSelector('[role=dialog] >> text=unless a quarantine entry');
    },
  },
};
