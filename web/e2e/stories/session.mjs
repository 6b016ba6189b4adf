// Logging in and the first set-up.
import { settled, waitFor } from './tools.mjs';

export const stories = {
  async login({ page, mock }) {
    mock.state.loggedIn = false;
    await page.goto(`${mock.url}/quarantine?severity=high`);
    await page.waitForURL('**/login?next=*');
    await page.fill('[name=username]', 'ana');
    await page.fill('[name=password]', 'wrong');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=The name or the password is wrong');
    await page.fill('[name=password]', 'correct horse battery');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/quarantine?severity=high');
    await settled(page);
    mock.state.loggedIn = false; // the session ends elsewhere
    await page.reload();
    await page.waitForURL('**/login?next=*');
  },

  async setup({ page, mock }) {
    mock.state.scenario = 'setup';
    mock.state.loggedIn = false;
    await page.goto(`${mock.url}/`);
    await page.waitForSelector('text=Open the setup link');
    await page.goto(`${mock.url}/setup#token=good`);
    await page.reload();
    await page.goto(`${mock.url}/setup?again#token=good`);
    await page.waitForSelector('h1:has-text("Set up Cordon")');
    await waitFor(async () => !page.url().includes('token'), 'the token leaves the address');
    await page.fill('[name=username]', 'ana');
    await page.fill('[name=new-password]', 'a long enough phrase');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Nothing is watched yet');
  },
};
