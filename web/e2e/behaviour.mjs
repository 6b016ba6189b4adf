// What the dashboard does, step by step, against the mock server.
import assert from 'node:assert/strict';
import { startMock } from '../mock/server.mjs';
import { openPage } from './browser.mjs';
import { settled } from './shots.mjs';

const selected = (page) => page.getAttribute('[role=row][aria-selected=true]', 'aria-rowindex');
const inDrawer = (page) => page.locator('aside[aria-label=Entry]').count();

const stories = {
  async triage({ page, mock }) {
    await page.goto(`${mock.url}/quarantine`);
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    assert.equal(await selected(page), '3', 'j moves down');
    await page.keyboard.press('k');
    assert.equal(await selected(page), '2', 'k moves up');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside h2');
    assert.ok(page.url().includes(mock.state.rows[0].id), 'the entry is in the address');
    await page.keyboard.press('j');
    await page.waitForURL(`**/${mock.state.rows[1].id}*`);
    await page.keyboard.press('a');
    await page.waitForURL(`**/${mock.state.rows[2].id}*`);
    await waitFor(() => mock.state.rows[1].review_action === 'confirmed', 'a confirms and goes on');
    await page.keyboard.press('Escape');
    assert.equal(await inDrawer(page), 0, 'Escape closes the drawer');
    await page.keyboard.press('r');
    await waitFor(() => mock.state.rows[2].review_action === 'false_positive', 'r rejects');
    await page.keyboard.press('u');
    await waitFor(() => mock.state.rows[3].review_action === 'uncertain', 'u is uncertain');
    await page.keyboard.press('?');
    await page.waitForSelector('[role=dialog]');
    await page.keyboard.press('a');
    assert.equal(mock.state.rows[4].review_action === 'confirmed', false, 'the help takes the keys');
    await page.keyboard.press('Escape');
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('jwt');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/quarantine?rule=jwt');
  },

  async filters({ page, mock }) {
    await page.goto(`${mock.url}/quarantine?severity=low&reviewed=false`);
    await settled(page);
    assert.equal(await page.getAttribute('button:has-text("low")', 'aria-pressed'), 'true');
    await page.click('fieldset button:has-text("critical")');
    await page.waitForURL('**/quarantine?severity=critical&severity=low&reviewed=false');
    await settled(page);
    await page.click('button:has-text("Clear")');
    await page.waitForURL('**/quarantine');
  },

  async paging({ page, mock }) {
    await page.goto(`${mock.url}/quarantine`);
    await settled(page);
    for (let i = 0; i < 40; i++)
      await page.$eval('[data-scroller]', (g) => g.scrollTo(0, g.scrollHeight)).then(() => page.waitForTimeout(60));
    await page.waitForSelector('text=640 entries, all loaded');
    assert.ok((await page.locator('[role=grid] [role=row]').count()) < 80, 'the document stays small');
  },

  async live({ page, mock }) {
    await page.goto(`${mock.url}/quarantine`);
    await settled(page);
    await page.waitForSelector('nav >> text=Live');
    mock.emit(2);
    await page.waitForSelector('[data-fresh]');
    await page.$eval('[data-scroller]', (g) => g.scrollTo(0, 900));
    await page.waitForTimeout(100);
    mock.emit(3);
    await page.click('button:has-text("3 new")');
    await page.waitForFunction(() => document.querySelector('[data-scroller]').scrollTop === 0);
    await page.waitForSelector('[role=row][aria-rowindex="2"]:has-text("just now")');
  },

  async burst({ page, mock }) {
    await page.goto(`${mock.url}/quarantine`);
    await settled(page);
    await page.waitForSelector('nav >> text=Live');
    for (let i = 0; i < 10; i++) {
      mock.emit(200);
      await page.waitForTimeout(50);
    }
    await page.keyboard.press('j');
    await waitFor(async () => (await selected(page)) !== null, 'the page still answers after 2,000 events');
    assert.ok((await page.locator('[role=grid] [role=row]').count()) < 80, 'the document stays small');
  },

  async reconnect({ page, mock }) {
    await page.goto(`${mock.url}/`);
    await settled(page);
    await page.waitForSelector('nav >> text=Live');
    mock.state.dead = true;
    for (const s of mock.state.streams) s.destroy();
    await page.waitForSelector('text=Live updates are interrupted');
    mock.state.dead = false;
    await page.click('text=Reconnect now');
    await page.waitForSelector('nav >> text=/^Live$/');
    await page.waitForSelector('text=Live updates are interrupted', { state: 'detached' });
  },

  async retry({ page, mock }) {
    mock.state.scenario = 'broken';
    await page.goto(`${mock.url}/sources`);
    await page.waitForSelector('main >> text=Cordon could not answer');
    mock.state.scenario = 'full';
    await page.click('main >> text=Try again');
    await page.waitForSelector('main >> text=agents-main');
  },

  async conflict({ page, mock }) {
    await page.goto(`${mock.url}/quarantine/${mock.state.rows[0].id}`);
    await settled(page);
    await page.fill('[aria-label=Reason]', 'refuse me');
    await page.click('aside >> button:has-text("Real leak")');
    await page.waitForSelector('text=Somebody else reviewed');
    assert.equal(mock.state.rows[0].reviewed, false);
  },

  async viewer({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/quarantine/${mock.state.rows[0].id}`);
    await settled(page);
    assert.equal(await page.locator('aside >> button:has-text("Real leak")').count(), 0, 'no review buttons');
    assert.equal(await page.locator('nav >> text=Users & keys').count(), 0, 'no administration');
    await page.keyboard.press('a');
    await page.waitForTimeout(200);
    assert.equal(mock.state.rows[0].reviewed, false, 'no review by key');
    await page.goto(`${mock.url}/access`);
    await page.waitForSelector('text=For administrators');
  },

  async hostile({ page, mock }) {
    await page.goto(`${mock.url}/quarantine/${mock.state.rows[2].id}`);
    await settled(page);
    const text = await page.textContent('aside');
    assert.ok(text.includes('<script>alert(document.cookie)</script>'), 'markup is shown as text');
    assert.ok(text.includes('<ESC>') && text.includes('<U+202E>'), 'control characters are visible');
    assert.ok(!text.includes('\u001b') && !text.includes('\u202e'), 'and not obeyed');
    assert.equal(await page.locator('img[src=x]').count(), 0);
  },

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
    await page.click('nav >> text=Findings');
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

/** Runs the stories, or only the one named; returns what failed. */
export async function behaviour(browser, only) {
  const wrong = [];
  for (const [name, story] of Object.entries(stories)) {
    if (only !== undefined && only !== name) continue;
    const mock = await startMock();
    const { page, context, trouble } = await openPage(browser, mock.url);
    page.setDefaultTimeout(8_000);
    try {
      await story({ page, mock });
      console.log(`story ${name}: done`);
    } catch (e) {
      wrong.push(`${name}: ${e.message.split('\n').slice(0, 4).join(' ')}`);
    }
    wrong.push(...trouble.map((t) => `${name}: ${t}`));
    await context.close();
    await mock.close();
  }
  return wrong;
}

async function waitFor(check, what) {
  for (let i = 0; i < 100; i++) {
    if (await check()) return;
    await new Promise((r) => setTimeout(r, 40));
  }
  assert.fail(what);
}
