// The quarantine: triage by keyboard, filters, live arrivals, hostile text.
import assert from 'node:assert/strict';
import { settled, waitFor } from './tools.mjs';

const selected = (page) => page.getAttribute('[role=row][aria-selected=true]', 'aria-rowindex');
const words = {
  confirmed: 'Confirmed as a leak',
  false_positive: 'Rejected as a false positive',
  uncertain: 'Marked as uncertain',
};
const said = (page, row) => page.waitForSelector(`[role=status] >> text=${words[row.review_action]}`);
const inDrawer = (page) => page.locator('aside[aria-label=Entry]').count();

export const stories = {
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

  // The mock makes up a million entries; the page holds as many as it says.
  async million({ page, mock }) {
    mock.state.many = 1_000_000;
    await page.goto(`${mock.url}/quarantine`);
    await settled(page);
    const end = page.locator('text=The newest 20\u202f000 entries are shown');
    for (let i = 0; i < 1_500 && (await end.count()) === 0; i++) {
      await page.$eval('[data-scroller]', (g) => g.scrollTo(0, g.scrollHeight));
      await page.waitForTimeout(15);
    }
    assert.equal(await end.count(), 1, 'the list ends where it says');
    assert.ok((await page.locator('[role=grid] [role=row]').count()) < 80, 'the document stays small');
    await page.keyboard.press('G');
    await waitFor(async () => (await selected(page)) === '20001', 'the keys reach the end');
    await page.keyboard.press('g');
    await waitFor(async () => (await selected(page)) === '2', 'and the start');
  },

  async undo({ page, mock }) {
    const [first, , , second] = mock.state.rows; // the fourth was reviewed before
    const earlier = second.review_action;
    await page.goto(`${mock.url}/quarantine/${first.id}`);
    await settled(page);
    await page.keyboard.press('a');
    await waitFor(() => first.review_action === 'confirmed', 'confirmed');
    await said(page, first); // else the answer, when it comes late, takes the place of what undo says
    await page.keyboard.press('z');
    await page.waitForURL(`**/${first.id}`);
    await page.waitForSelector('text=judge it anew');
    await page.keyboard.press('r');
    await waitFor(() => first.review_action === 'false_positive', 'judged anew');
    await page.goto(`${mock.url}/quarantine/${second.id}`);
    await settled(page);
    await page.keyboard.press(earlier === 'confirmed' ? 'r' : 'a');
    await waitFor(() => second.review_action !== earlier, 'judged otherwise');
    await said(page, second);
    await page.keyboard.press('z');
    await waitFor(() => second.review_action === earlier, 'its earlier judgement is back');
    await said(page, second);
    await page.keyboard.press('z');
    await page.waitForSelector('text=No judgement of yours to go back to');
  },

  // Nobody looks while thousands arrive: what waits is counted up to a bound, then the list is read anew.
  async flood({ page, mock }) {
    await page.goto(`${mock.url}/quarantine`);
    await settled(page);
    await page.waitForSelector('nav >> text=Live');
    await page.$eval('[data-scroller]', (g) => g.scrollTo(0, 900));
    await page.waitForTimeout(100);
    for (let i = 0; i < 6; i++) {
      mock.emit(200);
      await page.waitForTimeout(50);
    }
    await page.click('button:has-text("1000+ new")');
    await page.waitForFunction(() => document.querySelector('[data-scroller]').scrollTop === 0);
    await page.waitForSelector('[role=row][aria-rowindex="2"]:has-text("just now")');
    await waitFor(
      async () => (await page.getAttribute('[role=grid]', 'aria-rowcount')) === '101',
      'the list is its first page again',
    );
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
    // Rows that are still on their way move the chosen one down, out of what is drawn.
    const answers = async () => {
      await page.keyboard.press('j');
      return (await page.locator('[role=row][aria-selected=true]').count()) === 1;
    };
    await waitFor(answers, 'the page still answers after 2,000 events');
    assert.ok((await page.locator('[role=grid] [role=row]').count()) < 80, 'the document stays small');
  },

  async conflict({ page, mock }) {
    await page.goto(`${mock.url}/quarantine/${mock.state.rows[0].id}`);
    await settled(page);
    await page.fill('[aria-label=Reason]', 'refuse me');
    await page.click('aside >> button:has-text("Real leak")');
    await page.waitForSelector('text=Somebody else reviewed');
    assert.equal(mock.state.rows[0].reviewed, false);
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
};

export const moments = {
  help: { path: 'quarantine', do: ({ page }) => page.keyboard.press('?') },
  'drawer-end': {
    path: 'entry',
    do: ({ page }) =>
      page.locator('aside [aria-label="Redacted evidence"]').evaluate((e) => e.parentElement.scrollTo(0, 9_999)),
  },
  pill: {
    path: 'quarantine?reviewed=false&severity=critical&severity=high',
    async do({ page, mock }) {
      await page.waitForSelector('nav >> text=Live');
      await page.$eval('[data-scroller]', (g) => g.scrollTo(0, 900));
      await page.waitForTimeout(100);
      mock.emit(12);
      await page.waitForSelector('button:has-text("new")');
    },
  },
  'no-match': { path: 'quarantine?rule=nothing', do: () => {} },
  gone: {
    path: 'quarantine/00000000-0000-7000-8000-000000000000',
    do: ({ page }) => page.waitForSelector('aside >> text=Not found'),
  },
};
