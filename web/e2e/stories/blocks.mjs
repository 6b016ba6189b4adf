// The block list: looked at, added to, and what is on it let in again.
import assert from 'node:assert/strict';
import { settled, waitFor } from './tools.mjs';

const pane = 'aside[aria-label=Block]';
const rows = (page) => page.locator('[role=grid] [role=row]');

export const stories = {
  async blocks({ page, mock }) {
    await page.goto(`${mock.url}/block-list`);
    await settled(page);
    const inForce = mock.state.blocks.filter((b) => b.active).length;
    await waitFor(async () => (await rows(page).count()) >= inForce, 'what is in force is listed');
    assert.equal(await page.locator('[role=grid] >> text=ended').count(), 0, 'what is over is not');
    await page.selectOption('select[aria-label=Which]', '1');
    await page.waitForURL('**/block-list?all=1');
    await page.waitForSelector('[role=grid] >> text=ended');
  },

  async 'blocks-undone'({ page, mock }) {
    const first = mock.state.blocks[0];
    await page.goto(`${mock.url}/block-list?open=${first.id}`);
    await page.waitForSelector(`${pane} >> text=The event that a playbook answered`);
    await page.keyboard.press('u');
    await page.getByLabel('Reason').fill('it is our scanner');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`text=${first.network} is off the block list`);
    assert.equal(first.active, false);
  },

  async 'blocks-added'({ page, mock }) {
    await page.goto(`${mock.url}/block-list`);
    await settled(page);
    await page.click('button:has-text("Block an address")');
    await page.getByLabel('Address or network').fill('example.com');
    await page.waitForSelector('[role=dialog] >> text=Such as 203.0.113.9');
    await page.getByLabel('Address or network').fill('127.0.0.1');
    await page.getByLabel('Reason').fill('a try');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=dialog] >> text=is never blocked');
    await page.getByLabel('Address or network').fill('192.0.2.77');
    await page.getByLabel('Reason').press('Enter');
    await page.waitForSelector('text=192.0.2.77 is on the block list');
    await page.waitForSelector('[role=grid] >> text=192.0.2.77');
  },

  async 'blocks-of-a-viewer'({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/block-list?open=${mock.state.blocks[0].id}`);
    await page.waitForSelector(`${pane} >> text=What is known`);
    assert.equal(await page.locator('button:has-text("Block an address")').count(), 0, 'a viewer may add');
    assert.equal(await page.locator(`${pane} button:has-text("Let it in again")`).count(), 0, 'a viewer may undo');
  },

  async 'blocks-elsewhere'({ page, mock }) {
    const i = mock.state.incidents.find((x) => x.key_kind === 'address');
    await page.goto(`${mock.url}/incidents?queue=all&open=${i.id}`);
    await page.click('aside button:has-text("Block this address…")');
    assert.equal(await page.getByLabel('Address or network').inputValue(), i.source_ip);
    assert.equal(await page.getByLabel('Reason').inputValue(), `incident ${i.id}`, 'why, to begin with');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`text=${i.source_ip} is on the block list`);
    assert.equal(mock.state.blocks[0].network, i.source_ip);
    const own = mock.state.incidents.find((x) => x.source_ip === '127.0.0.1');
    await page.goto(`${mock.url}/incidents?queue=all&open=${own.id}`);
    await page.waitForSelector('aside button:has-text("Note…")');
    assert.equal(await page.locator('aside button:has-text("Block this")').count(), 0, 'never this machine');
    const [attacker] = mock.state.attackers;
    await page.goto(`${mock.url}/attackers?open=${attacker.id}`);
    await page.click('aside button:has-text("Block this address…")');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`text=${attacker.address} is on the block list`);
    mock.state.role = 'reviewer';
    await page.reload();
    await page.waitForSelector('aside >> text=Where from');
    assert.equal(await page.locator('aside button:has-text("Block this")').count(), 0, 'a reviewer may not');
  },

  async 'blocks-live'({ page, mock }) {
    await page.goto(`${mock.url}/block-list`);
    await settled(page);
    await page.waitForSelector('nav >> text=Live');
    mock.state.blocks.unshift({ ...mock.state.blocks[0], id: 'b1', network: '192.0.2.200' });
    mock.send('response.block.changed', 'medium', { block_id: 'b1', network: '192.0.2.200' });
    await page.waitForSelector('[role=grid] >> text=192.0.2.200');
  },
};

export const moments = {
  'block-open': {
    path: 'block-list',
    async do({ page, mock }) {
      await page.goto(`${mock.url}/block-list?all=1&open=${mock.state.blocks[3].id}`);
      await page.waitForSelector(`${pane} >> text=What is known`);
    },
  },
  'block-add': {
    path: 'block-list',
    async do({ page }) {
      await page.click('button:has-text("Block an address")');
      await page.waitForSelector('[role=dialog]');
    },
  },
};
