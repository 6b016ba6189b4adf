// Credentials that were tried on deckies: narrowed, looked at with a reason, found again elsewhere.
import assert from 'node:assert/strict';
import { typed } from '../../mock/credentials.mjs';
import { settled, waitFor } from './tools.mjs';

const pane = 'aside[aria-label=Credential]';
const reusePane = 'aside[aria-label=Reuse]';
const sessionPane = 'aside[aria-label=Session]';
const dialog = '[role=dialog]';
const evidence = 'section[aria-label=Evidence]';

const byNumber = (mock, n) => mock.state.credentials.find((c) => Number(c.id.slice(-6)) === n);
const leaked = (mock) => mock.state.credentials.find((c) => c.leaked);
const shellOf = (mock) => mock.state.deckySessions.find((s) => s.commands > 1);
const open = (page, mock, c) => page.goto(`${mock.url}/credentials?open=${c.id}`);

async function look(page, within, reason) {
  await page.click(`${within} button:has-text("…") >> nth=0`);
  await page.waitForSelector(`${dialog} >> text=The audit log will say that you looked`);
  await page.fill(`${dialog} input`, reason);
  await page.keyboard.press('Enter');
}

async function show(page, mock, c) {
  await open(page, mock, c);
  await look(page, pane, 'case 7');
  await page.waitForSelector(`${pane} ${evidence}`);
}

/** All that the page's query and mutation caches hold, as text. */
const caches = (page) =>
  page.evaluate(() => {
    const root = document.querySelector('#root');
    const key = Object.keys(root).find((k) => k.startsWith('__reactContainer'));
    for (let waiting = [root[key]]; waiting.length > 0; ) {
      const fiber = waiting.pop();
      const client = fiber.memoizedProps?.client;
      if (client?.getMutationCache !== undefined) {
        const all = [...client.getQueryCache().getAll(), ...client.getMutationCache().getAll()];
        return JSON.stringify(all.map((x) => x.state));
      }
      waiting = waiting.concat([fiber.child, fiber.sibling].filter((f) => f !== null && f !== undefined));
    }
    return '';
  });

const gone = (page, text) =>
  waitFor(async () => !(await page.content()).includes(text), `the page does not hold ${text} any more`);

export const stories = {
  async credentials({ page, mock }) {
    await page.goto(`${mock.url}/credentials`);
    await settled(page);
    await page.selectOption('[aria-label=Kind]', 'plaintext');
    await page.fill('[aria-label=Decky]', 'trap');
    await page.keyboard.press('Enter');
    await page.fill('[aria-label=Service]', 'redis');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/credentials?decky=trap&service=redis&kind=plaintext');
    await settled(page);
    await page.waitForSelector('[role=grid] >> text=no name');
    assert.equal(await page.locator('[role=grid] >> text=web-1').count(), 0);
    await page.keyboard.press('Escape');
    await page.locator('[role=grid]').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${pane} >> text=First tried`);
    await page.click('text=Clear');
    await page.waitForURL('**/credentials');
  },

  async 'credential-shown'({ page, mock }) {
    const c = byNumber(mock, 296);
    const secret = typed(c).toString();
    await open(page, mock, c);
    await page.waitForSelector(`${pane} >> text=Show the secret`);
    assert.deepEqual(mock.state.looks, [], 'nothing is read before somebody says so');
    await look(page, pane, 'is it ours?');
    await page.waitForSelector(`${pane} >> text=${secret}`);
    assert.deepEqual(mock.state.looks, [`credential ${c.id}: is it ours?`]);
    const kept = await caches(page);
    assert.ok(kept.includes(c.id) && kept.includes('is it ours?'), 'the caches were looked through');
    assert.ok(!kept.includes(secret), 'no cache holds the secret');
    assert.ok(!kept.includes(typed(c).toString('base64')), 'nor its bytes');
    await page.click(`${pane} button:has-text("Hide")`);
    await gone(page, secret);
    await look(page, pane, '');
    await page.waitForSelector(`${pane} >> text=${secret}`);
    assert.equal(mock.state.looks.length, 2, 'another look is another line of the audit log');
    await page.click(`${pane} [aria-label="Next credential (j)"]`);
    await gone(page, secret);
  },

  async 'credential-forgotten'({ page, mock }) {
    const c = byNumber(mock, 296);
    await page.clock.install();
    await show(page, mock, c);
    await page.clock.fastForward(5 * 60_000);
    await gone(page, typed(c).toString());
    await page.waitForSelector(`${pane} >> text=Show the secret`);
  },

  async 'credential-cancelled'({ page, mock }) {
    const c = byNumber(mock, 296);
    let answer = () => {};
    await page.route('**/reveal', (route) => {
      answer = () => route.continue();
    });
    await open(page, mock, c);
    await look(page, pane, 'never mind');
    await page.click(`${dialog} button:has-text("Cancel")`);
    await page.waitForSelector(dialog, { state: 'detached' });
    const [answered] = await Promise.all([page.waitForResponse('**/reveal'), answer()]);
    await answered.finished();
    await page.waitForTimeout(300);
    assert.equal(await page.locator(evidence).count(), 0, 'who cancelled sees nothing');
  },

  async 'credential-refused'({ page, mock }) {
    const c = byNumber(mock, 296);
    await open(page, mock, c);
    await page.waitForSelector(`${pane} >> text=Show the secret`);
    c.has_secret = false; // it has become known as a leak meanwhile
    await look(page, pane, 'is it ours?');
    await page.waitForSelector(`${dialog} [role=alert] >> text=only the fingerprint of this secret was kept`);
  },

  async 'credential-hostile'({ page, mock }) {
    await show(page, mock, byNumber(mock, 298));
    await page.waitForSelector(`${evidence} >> text=<img src=x onerror`);
    await page.waitForSelector(`${evidence} >> text=<ESC>`);
    await page.waitForSelector(`${evidence} >> text=<U+202E>`);
    assert.equal(await page.locator('img').count(), 0, 'markup stays text');
    await show(page, mock, byNumber(mock, 297));
    await page.waitForSelector(`${evidence} >> text=0000  00 ff 1b 5b 33 31 6d 41  ...[31mA`);
    await page.waitForSelector(`${evidence} [aria-label="Copy secret, 8 bytes in base64"]`);
  },

  async 'credential-viewer'({ page, mock }) {
    mock.state.role = 'viewer';
    await open(page, mock, byNumber(mock, 296));
    await page.waitForSelector(`${pane} >> text=It is sealed. An administrator can look at it`);
    assert.equal(await page.locator(`${pane} button:has-text("Show the secret")`).count(), 0);
    await page.goto(`${mock.url}/sessions?open=${shellOf(mock).id}`);
    await page.waitForSelector(`${sessionPane} >> text=Administrators can see what was sent`);
    assert.equal(await page.locator(`${sessionPane} button:has-text("Show what was sent")`).count(), 0);
    assert.deepEqual(mock.state.looks, []);
  },

  async 'log-shown'({ page, mock }) {
    await page.goto(`${mock.url}/sessions?open=${shellOf(mock).id}`);
    await page.waitForSelector(`${sessionPane} >> text=Show what was sent`);
    await look(page, `${sessionPane} ol`, 'what was asked of it');
    await page.waitForSelector(`${evidence} >> text=login as app:in-the-clear`);
    await page.waitForSelector(`${evidence} >> text=63 75 00 ff`);
    assert.match(mock.state.looks[0], /^log .*: what was asked of it$/);
    assert.ok(!(await caches(page)).includes('in-the-clear'), 'no cache holds it');
  },

  async 'credential-leaked'({ page, mock }) {
    const c = leaked(mock);
    await open(page, mock, c);
    await page.waitForSelector(`${pane} >> text=This secret is yours`);
    await page.waitForSelector(`${pane} >> text=Only its fingerprint is kept`);
    await page.click(`${pane} >> text=3 services`);
    await page.waitForURL('**/reuse?fingerprint=*&open=*');
    await page.waitForSelector(`${reusePane} >> text=One secret on 3 services`);
    await page.click(`${reusePane} >> text=Open its incident`);
    await page.waitForURL(`**/incidents?fingerprint=${encodeURIComponent(c.fingerprint)}&open=*`);
    await page.waitForSelector('aside[aria-label=Incident] >> text=What to do');
  },

  async reuse({ page, mock }) {
    await page.goto(`${mock.url}/reuse`);
    await settled(page);
    await page.selectOption('[aria-label=Services]', '5');
    await page.waitForURL('**/reuse?min=5');
    await page.goto(`${mock.url}/reuse?open=${mock.state.reuses[1].id}`);
    await page.waitForSelector(`${reusePane} >> text=The first 200; 440 more came later`);
    await page.waitForSelector(`${reusePane} >> text=/^Tried \\d+ times/`);
    await page.click(`${reusePane} >> text=ssh on web-1`);
    await page.waitForURL('**/credentials?decky=web-1&service=ssh&fingerprint=*');
    await page.waitForSelector('text=Of one secret:');
    await page.goto(`${mock.url}/reuse?open=0199c4e5-0000-7000-8000-999999999999`);
    await page.waitForSelector(`${reusePane} >> text=Not found`);
  },

  async 'attacker-credentials'({ page, mock }) {
    const { attacker_ip } = byNumber(mock, 296);
    const attacker = 'aside[aria-label=Attacker]';
    await page.goto(`${mock.url}/attackers?open=${attacker_ip}`);
    await page.waitForSelector(`${attacker} >> text=What they tried to log in with`);
    await page.waitForSelector(`${attacker} >> text=/^Tried \\d+ times/`);
    await page.click(`${attacker} >> text=See them as a list`);
    await page.waitForURL(`**/credentials?attacker=${attacker_ip}`);
    await settled(page);
    await page.waitForSelector(`[role=grid] >> text=${attacker_ip}`);
  },
};

const moment = (path, act, look = {}) => ({ path, do: act, ...look });
const shown =
  (n) =>
  ({ page, mock }) =>
    show(page, mock, byNumber(mock, n));

export const moments = {
  'credential-sealed': moment(
    'credentials',
    async ({ page, mock }) => {
      await open(page, mock, leaked(mock));
      await page.waitForSelector(`${pane} >> text=Open its incident`);
    },
    { role: 'viewer' },
  ),
  'credential-asked': moment('credentials', async ({ page, mock }) => {
    await open(page, mock, byNumber(mock, 296));
    await page.click(`${pane} button:has-text("Show the secret")`);
    await page.waitForSelector(dialog);
  }),
  'credential-shown': moment('credentials', shown(298)),
  'credential-bytes': moment('credentials', shown(297), { width: 390, height: 844 }),
  'reuse-open': moment('reuse', async ({ page, mock }) => {
    await page.goto(`${mock.url}/reuse?open=${mock.state.reuses[0].id}`);
    await page.waitForSelector(`${reusePane} >> text=Open its incident`);
    await settled(page);
  }),
  'reuse-many': moment(
    'reuse',
    async ({ page, mock }) => {
      await page.goto(`${mock.url}/reuse?open=${mock.state.reuses[1].id}`);
      await page.waitForSelector(`${reusePane} >> text=How often`);
      await settled(page);
    },
    { width: 390, height: 844 },
  ),
  'log-shown': moment('sessions', async ({ page, mock }) => {
    await page.goto(`${mock.url}/sessions?open=${shellOf(mock).id}`);
    await page.waitForSelector(`${sessionPane} >> text=Show what was sent`);
    await look(page, `${sessionPane} ol`, 'to see');
    await page.waitForSelector(evidence);
    await page.locator(evidence).scrollIntoViewIfNeeded();
  }),
};
