// The dashboard for whoever has no mouse, a large print, no wish for motion; and with very much or very odd content.
import assert from 'node:assert/strict';
import { pages } from '../pages.mjs';
import { phone, settled, waitFor } from './tools.mjs';

const most = 400; // presses of Tab on a page

/** What has the focus: who it is, whether it is seen and how it differs from the same without focus. */
const focused = () => {
  const el = document.activeElement;
  if (el === null || el === document.body) return null;
  const look = (e) => {
    const { outlineStyle, outlineWidth, boxShadow, borderTopColor, backgroundColor } = getComputedStyle(e);
    return [outlineStyle !== 'none' && outlineWidth, boxShadow, borderTopColor, backgroundColor].join(' ');
  };
  const around = [el, el.nextElementSibling, el.parentElement, el.parentElement?.parentElement].filter((e) => e);
  const withIt = around.map(look).join('|');
  el.blur();
  const without = around.map(look).join('|');
  el.focus({ preventScroll: true });
  const shown = [el, el.nextElementSibling].some((e) => e !== null && e.getBoundingClientRect().width > 0);
  const all = [...document.querySelectorAll('*')];
  return {
    nth: all.indexOf(el),
    inMain: document.getElementById('main')?.contains(el) === true,
    name: `${el.tagName} ${el.getAttribute('type') ?? ''} ${(el.getAttribute('aria-label') ?? el.textContent ?? '').trim().slice(0, 40)}`,
    href: el.getAttribute('href'),
    seen: !el.isConnected || (withIt !== without && shown), // a list that loads its end takes its button away
  };
};

/**
 * Goes through a page by Tab from where the focus is, until it is there again or the page's own part is left; says what
 * took the focus without showing it, and who was met.
 */
async function tabThrough(page, { inMain = false } = {}) {
  await page.addStyleTag({ content: '* { transition: none !important; }' }); // a change is there at once
  const met = new Map();
  const unseen = [];
  for (let n = 0; n < most; n++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(focused);
    if (at === null || met.has(at.nth) || (inMain && !at.inMain)) return { met: [...met.values()], unseen };
    met.set(at.nth, at);
    if (!at.seen) unseen.push(at.name);
  }
  assert.fail(`the focus is caught at ${[...met.values()].at(-1)?.name}`);
}

const hostileName = `${'שלום‮ '.repeat(12)}${'🔥🧨👩‍👩‍👧‍👦 '.repeat(16)}${'x'.repeat(60)}`.slice(0, 200);

/** Calls the newest open incident, whom it is given to and its program by the longest and oddest name there may be. */
function nameOddly(mock) {
  const i = mock.state.incidents.find((x) => x.state === 'acknowledged');
  return Object.assign(i, { title: hostileName, assignee: hostileName.slice(0, 64), program: hostileName });
}

const many = (mock, n) => {
  const first = mock.state.incidents.find((i) => i.state === 'triggered' && i.snoozed_until === null);
  const id = (k) => `0199b2c7-0000-7000-8000-${String(k).padStart(12, '0')}`;
  mock.state.incidents = Array.from({ length: n }, (_, k) => ({ ...first, id: id(n - k), title: `incident ${n - k}` }));
};

const wider = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

export const stories = {
  async keyboard({ page, mock }) {
    await page.goto(mock.url);
    await settled(page);
    await page.keyboard.press('Tab');
    assert.match(await page.evaluate(() => document.activeElement.textContent), /Skip to content/, 'first of all');
    const { met } = await tabThrough(page);
    for (const path of pages.filter((p) => p !== 'account'))
      assert.ok(
        met.some((at) => at.href === `/${path}`),
        `${path || 'the overview'} is reached by Tab`,
      );
    await page.focus('nav a[href="/incidents"]');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/incidents');
  },

  async 'keyboard-everywhere'({ page, mock }) {
    const wrong = [];
    for (const path of pages) {
      await page.goto(`${mock.url}/${path}`);
      await settled(page);
      await page.focus('#main');
      const { met, unseen } = await tabThrough(page, { inMain: true });
      if (unseen.length > 0) wrong.push(`${path || 'overview'}: ${unseen.join(', ')}`);
      if (met.length === 0) wrong.push(`${path || 'overview'}: nothing in it is reached`);
    }
    assert.equal(wrong.join('; '), '', 'the focus is seen wherever it is');
  },

  async 'keyboard-dialog'({ page, mock }) {
    await page.goto(`${mock.url}/block-list`);
    await settled(page);
    await page.focus('button:has-text("Block an address")');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=dialog]');
    await waitFor(
      () => page.evaluate(() => document.activeElement?.getAttribute('placeholder') === '203.0.113.9'),
      'the first field has the focus',
    );
    const { met, unseen } = await tabThrough(page);
    assert.ok(met.length > 3 && met.every((at) => !at.inMain), 'a dialog keeps the focus');
    assert.equal(unseen.join(', '), '');
    await page.keyboard.press('Escape');
    await waitFor(
      () => page.evaluate(() => /Block an address/.test(document.activeElement?.textContent ?? '')),
      'and gives it back',
    );
  },

  async 'odd-names'({ page, mock }) {
    const i = nameOddly(mock);
    for (const [width, height] of [
      [390, 844],
      [640, 450],
      [1280, 900],
    ]) {
      await page.setViewportSize({ width, height });
      for (const open of ['', `&open=${i.id}`]) {
        await page.goto(`${mock.url}/incidents?queue=all${open}`);
        await settled(page);
        assert.ok((await wider(page)) <= 0, `nothing sticks out at ${width} px${open && ', opened'}`);
      }
      await page.waitForSelector('aside >> text=<U+202E>');
      await page.click('aside button:has-text("Resolve…")');
      await page.fill('[role=dialog] input:not([type])', 'odd');
      assert.ok((await wider(page)) <= 0, 'the dialog neither');
      await page.keyboard.press('Enter');
      await page.waitForSelector('button:text-is("Undo")');
      assert.ok((await wider(page)) <= 0, 'nor what is said of it');
      await page.click('button:text-is("Undo")');
      await waitFor(async () => i.state === 'acknowledged', 'undone');
    }
  },

  async 'incidents-ten-thousand'({ page, mock }) {
    many(mock, 10_000);
    await page.goto(`${mock.url}/incidents`);
    await settled(page);
    const rows = () => page.locator('[role=grid] [role=row]').count();
    const loaded = async () => Number(await page.getAttribute('[role=grid]', 'aria-rowcount')) - 1;
    for (let pages = 1; pages < 6; pages++) {
      const before = await loaded();
      await page.keyboard.press('G');
      await waitFor(async () => (await loaded()) > before, 'the next page comes by itself');
    }
    assert.ok((await rows()) < 80, 'only what is in sight is in the document');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside h2');
    await page.keyboard.press('g');
    await waitFor(async () => /incident 10000/.test(await page.textContent('aside h2')), 'and back to the first');
  },

  async 'no-motion'({ page, mock }) {
    await page.goto(`${mock.url}/incidents`);
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside h2');
    await page.keyboard.press('r');
    await page.waitForSelector('[role=dialog]');
    const moving = await page.evaluate(() =>
      document
        .getAnimations()
        .map((a) => [a.effect.getTiming().duration, a.effect.target?.className])
        .filter(([duration]) => duration > 1),
    );
    assert.deepEqual(moving, [], 'who wants no motion sees none');
  },
};

export const moments = {
  'odd-name': {
    path: 'incidents',
    async do({ page, mock }) {
      const i = nameOddly(mock);
      await page.goto(`${mock.url}/incidents?queue=all&open=${i.id}`);
      await page.waitForSelector('aside h2 >> text=<U+202E>');
    },
  },
  'odd-name-phone': {
    path: 'incidents',
    ...phone,
    async do({ page, mock }) {
      nameOddly(mock);
      await page.goto(`${mock.url}/incidents?queue=all`);
      await page.waitForSelector('[role=grid] >> text=<U+202E>');
    },
  },
};
