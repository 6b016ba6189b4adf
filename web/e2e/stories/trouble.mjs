// What every page does when the server is away, slow, or refuses, and when the session ends.
import assert from 'node:assert/strict';
import { pages } from '../pages.mjs';
import { settled, waitFor } from './tools.mjs';

const name = (path) => path || 'overview';
const alert = 'main [role=alert], main h2:has-text("Cordon"), main h2:has-text("Not for")';

/** Has every list and every call answer as told; what makes the page itself goes on. */
async function answer(page, how) {
  await page.route('**/api/v1/**', (route) => {
    const path = new URL(route.request().url()).pathname;
    return /\/(me|stream|setup)$/.test(path) ? route.continue() : how(route);
  });
}

const refused = (status, detail) => (route) =>
  route.fulfill({
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ title: 'No', status, detail }),
  });

// One kind of trouble goes through all pages, each other one through every so many: what
// a page shows of it is the same parts.
const some = (every) => pages.filter((_, i) => i % every === 0);

async function pagesSay({ page, mock }, paths, how, said) {
  await answer(page, how);
  for (const path of paths) {
    await page.goto(`${mock.url}/${path}`);
    await page.waitForSelector('h1');
    await waitFor(
      async () => (await page.locator('[aria-label="Loading"]').count()) === 0,
      `${name(path)} loads for ever`,
    );
    const text = await page.textContent('main');
    assert.match(text, said, `${name(path)} does not say why it shows nothing`);
    assert.ok((await page.locator(alert).count()) > 0, `${name(path)} does not call it an alert`);
  }
}

const logIn = async (page, password) => {
  await page.fill('[role=dialog] [name=password]', password);
  await page.keyboard.press('Enter');
};

export const stories = {
  'trouble-500': (t) => pagesSay(t, pages, refused(500, 'reading the store: disk I/O error'), /disk I\/O error/),
  'trouble-403': (t) => pagesSay(t, some(4), refused(403, 'This needs the role admin.'), /needs the role admin/),
  'trouble-away': (t) => pagesSay(t, some(5), (route) => route.abort(), /Is Cordon running\?/),

  // A page that is open when trouble begins keeps what it has and says that it is old.
  async 'trouble-stale'({ page, mock }) {
    for (const path of ['', 'sources', 'health', 'deckies', 'incidents']) {
      await page.unrouteAll();
      await page.goto(`${mock.url}/${path}`);
      await settled(page);
      const before = await page.textContent('main h1');
      await answer(page, refused(500, 'reading the store: disk I/O error'));
      mock.send('incident.1.opened', 'high', {}); // pages that do not poll ask again
      for (const s of mock.state.streams) s.destroy(); // and all do when the stream comes back
      await page.waitForSelector('text=Not all of this could be renewed; some is as of');
      assert.equal(await page.textContent('main h1'), before, `${name(path)} keeps what it had`);
      assert.equal(await page.locator('main [role=alert]').count(), 0, `${name(path)} shows what it had`);
      await page.unrouteAll();
      await page.click('button:has-text("Try again")');
      await page.waitForSelector('text=Not all of this could be renewed', { state: 'detached' });
    }
  },

  async 'trouble-slow'({ page, mock }) {
    await answer(page, async (route) => {
      await new Promise((r) => setTimeout(r, 1_500));
      await route.continue().catch(() => {}); // the page has gone on
    });
    for (const path of some(4)) {
      await page.goto(`${mock.url}/${path}`);
      await page.waitForSelector('main [aria-label="Loading"]');
      assert.equal(await page.locator('main [role=alert]').count(), 0, `${name(path)} is waiting, not broken`);
    }
  },

  // The session ends under a form: who logs in again goes on where they were.
  async 'session-ends'({ page, mock }) {
    await page.goto(`${mock.url}/workers`);
    await settled(page);
    await page.click('button:has-text("Stop janitor")');
    await page.fill('[role=dialog] input', 'the disk is replaced');
    mock.state.loggedIn = false;
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Your session has ended');
    await waitFor(
      () => page.evaluate(() => document.activeElement?.getAttribute('name') === 'password'),
      'the password has the keyboard',
    );
    await page.keyboard.press('Escape');
    await logIn(page, 'wrong');
    await page.waitForSelector('text=The name or the password is wrong');
    await logIn(page, 'correct horse battery');
    await page.waitForSelector('text=Your session has ended', { state: 'detached' });
    assert.equal(await page.inputValue('[role=dialog] input'), 'the disk is replaced', 'what was typed is there');
    await page.click('[role=dialog] button[type=submit]');
    await page.waitForSelector('text=janitor stopped');
  },

  // The login comes over whatever page there is, and the address stays.
  async 'session-ends-everywhere'({ page, mock }) {
    for (const path of some(8)) {
      mock.state.loggedIn = true;
      await page.goto(`${mock.url}/${path}`);
      await settled(page);
      mock.state.loggedIn = false;
      for (const s of mock.state.streams) s.destroy(); // the stream is refused when it comes back
      await page.waitForSelector('text=Your session has ended');
      await logIn(page, 'correct horse battery');
      await page.waitForSelector('text=Your session has ended', { state: 'detached' });
      assert.equal(new URL(page.url()).pathname, `/${path}`);
    }
  },
};

export const moments = {
  'session-ended': {
    path: 'policy',
    async do({ page, mock }) {
      mock.state.loggedIn = false;
      for (const s of mock.state.streams) s.destroy();
      await page.waitForSelector('text=Your session has ended');
    },
  },
  stale: {
    path: '',
    async do({ page, mock }) {
      await answer(page, refused(500, 'reading the store: disk I/O error'));
      for (const s of mock.state.streams) s.destroy();
      await page.waitForSelector('text=Not all of this could be renewed');
    },
  },
};
