// Workers and settings: who may command them, and what a command needs.
import assert from 'node:assert/strict';
import { phone, settled, waitFor } from './tools.mjs';

const dialog = '[role=dialog]';

export const stories = {
  async workers({ page, mock }) {
    await page.goto(`${mock.url}/workers`);
    await settled(page);
    const first = await page.textContent('[aria-label="Node eu-1"] li:first-child');
    assert.match(first, /leak-legacy-core/, 'what failed comes first');
    await page.click('button:has-text("Stop janitor")');
    await page.click(`${dialog} button:has-text("Stop")`);
    await page.waitForTimeout(100);
    assert.equal(await page.locator(dialog).count(), 1, 'not without a reason');
    await page.fill(`${dialog} input`, 'the disk is replaced');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=janitor stopped');
    await page.click('button:has-text("Start janitor")');
    await page.fill(`${dialog} input`, 'the disk is there');
    await page.keyboard.press('Enter');
    await waitFor(() => mock.state.workers.find((w) => w.name === 'janitor').state === 'starting', 'started');
    await page.click('button:has-text("Stop notify-dispatch")');
    mock.state.workers = mock.state.workers.filter((w) => w.name !== 'notify-dispatch');
    await page.fill(`${dialog} input`, 'gone meanwhile');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${dialog} >> text=has no worker notify-dispatch`);
  },

  async reload({ page, mock }) {
    await page.goto(`${mock.url}/settings`);
    await settled(page);
    const shown = await page.textContent('[aria-label="Configuration as YAML"]');
    assert.match(shown, /agents-main/);
    mock.state.reload =
      'the old configuration stays in force: cordon.yaml:12: leak.sources[0].kind: unknown kind "hypercor"';
    await page.click('button:has-text("Reload the file")');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${dialog} >> text=cordon.yaml:12`);
    mock.state.reload = { changed: ['log.level'], needs_restart: ['api.listen'], warnings: [] };
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector('[aria-label="Result of the reload"] >> text=api.listen');
    await page.click('[aria-label="Close the result"]');
    mock.state.reload = { changed: [], needs_restart: [], warnings: [] };
    await page.click('button:has-text("Reload the file")');
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector('text=nothing differs');
  },

  async 'settings-viewer'({ page, mock }) {
    mock.state.role = 'responder';
    let asked = false;
    page.on('request', (r) => {
      asked ||= r.url().endsWith('/api/v1/config');
    });
    await page.goto(`${mock.url}/settings`);
    await page.waitForSelector('text=For administrators');
    assert.equal(asked, false, 'the configuration is not asked for');
  },

  async 'workers-viewer'({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/workers`);
    await settled(page);
    assert.equal(await page.locator('main button:has-text("Stop")').count(), 0, 'a viewer only looks');
  },
};

const stop = ({ page }) => page.click('button:has-text("Stop leak-agents-main")');

async function reload({ page }) {
  await page.click('button:has-text("Reload the file")');
  await page.click(`${dialog} button[type=submit]`);
  await page.waitForSelector('[aria-label="Result of the reload"]');
}

export const moments = {
  reloaded: { path: 'settings', do: reload },
  'reload-refused': {
    path: 'settings',
    async do({ page, mock }) {
      mock.state.reload =
        'the old configuration stays in force: cordon.yaml:12: leak.sources[0].kind: unknown kind "hypercor"';
      await page.click('button:has-text("Reload the file")');
      await page.click(`${dialog} button[type=submit]`);
      await page.waitForSelector(`${dialog} [role=alert] p`);
    },
  },
  'worker-stop': { path: 'workers', do: stop },
  'worker-stop-phone': { path: 'workers', ...phone, do: stop },
};
