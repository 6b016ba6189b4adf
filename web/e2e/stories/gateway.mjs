// Gateways: looked at, followed to what they withheld, and told to withhold a message.
import assert from 'node:assert/strict';
import { settled, waitFor } from './tools.mjs';

const blocked = 'section[aria-label="Blocked by operators"]';

/** Has a gateway have entries in quarantine. */
function withhold(mock) {
  for (const row of mock.state.rows.slice(0, 3)) Object.assign(row, { source: 'gate-1', disposition: 'withheld' });
}

export const stories = {
  async gateway({ page, mock }) {
    withhold(mock);
    await page.goto(`${mock.url}/gateway`);
    await settled(page);
    const first = page.locator('section[aria-label="Gateway gate-1"]');
    assert.equal(await first.locator('section[aria-label="Side A"] tbody tr').count(), 133, 'nodes of side a');
    assert.equal(await first.locator('section[aria-label="Side B"] tbody tr').count(), 67, 'nodes of side b');
    await first.locator('text=/listed are 200 of 1.204/').first().waitFor();
    await page.waitForSelector('section[aria-label="Gateway gate-3"] >> text=Silent for more than 60 seconds');
    const second = page.locator('section[aria-label="Gateway gate-2"]');
    await second.locator('text=5 pairs of nodes bypass it').waitFor();
    assert.equal(await second.locator('[role=alert] li').count(), 3, 'the first pairs');
    await second.locator('button:has-text("Show all 5")').click();
    assert.equal(await second.locator('[role=alert] li').count(), 5, 'all pairs');
    const kept = first.locator('section[aria-label=Withheld] li');
    await kept.first().waitFor();
    assert.equal(await kept.count(), 3, 'what it withheld last');
    await first.locator('dl a').click();
    await page.waitForURL('**/quarantine?source=gate-1');
  },

  async 'gateway-lost'({ page, mock }) {
    await page.goto(`${mock.url}/gateway`);
    await settled(page);
    assert.equal(await page.locator('section[aria-label="Gateway gate-1"] >> text=Silent for more').count(), 0);
    mock.state.gateways[0].state = 'lost';
    mock.send('leak.gateway.gate-1.state', 'medium', { gateway_id: 'gate-1', state: 'lost' });
    await page.waitForSelector('section[aria-label="Gateway gate-1"] >> text=Silent for more than 60 seconds');
  },

  async 'gateway-block'({ page, mock }) {
    await page.goto(`${mock.url}/gateway`);
    await settled(page);
    await page.click(`${blocked} >> text=Block a message`);
    await page.getByLabel('Message id').fill('12D3KooWExample-9');
    await page.getByLabel('Reason').fill('names a customer');
    await page.click('[role=dialog] button:has-text("Block")');
    await waitFor(() => mock.state.messageBlocks[0].message_id === '12D3KooWExample-9', 'the message is blocked');
    assert.equal(mock.state.messageBlocks[0].reason, 'names a customer');
    await page.click(`${blocked} li:has-text("12D3KooWExample-9") button:has-text("Unblock")`);
    await page.getByLabel('Reason').fill('a drill');
    await page.click('[role=dialog] button:has-text("Unblock")');
    await waitFor(() => mock.state.unblocked?.reason === 'a drill', 'the message may pass');
    await page.waitForSelector(`${blocked} li:has-text("12D3KooWExample-9")`, { state: 'detached' });
  },

  async 'gateway-of-a-viewer'({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/gateway`);
    await page.waitForSelector(`${blocked} >> text=names a customer`);
    assert.equal(await page.locator(`${blocked} button`).count(), 0, 'a viewer blocks nothing');
  },
};

export const moments = {
  'gateway-withheld': {
    path: 'gateway',
    async do({ page, mock }) {
      withhold(mock);
      await page.reload();
      const kept = page.locator('section[aria-label="Gateway gate-1"] section[aria-label=Withheld] li');
      await kept.first().waitFor();
      await kept.first().scrollIntoViewIfNeeded();
    },
  },
  'gateway-block': {
    path: 'gateway',
    async do({ page }) {
      await page.click(`${blocked} >> text=Block a message`);
      await page.waitForSelector('[role=dialog] >> text=Message id');
    },
  },
};
