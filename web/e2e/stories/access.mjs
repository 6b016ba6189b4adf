// Users and API keys.
import { settled, waitFor } from './tools.mjs';

export const stories = {
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
