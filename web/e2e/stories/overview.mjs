// The overview: the chart by keyboard and pointer, its table, its periods.
import assert from 'node:assert/strict';
import { phone, settled, waitFor } from './tools.mjs';

const chart = '[aria-label^="Chart."]';

export const stories = {
  async chart({ page, mock }) {
    await page.goto(`${mock.url}/`);
    await settled(page);
    await page.focus(chart);
    await page.keyboard.press('End');
    const last = await page.textContent(`${chart} [role=status]`);
    await page.keyboard.press('ArrowLeft');
    const before = await page.textContent(`${chart} [role=status]`);
    assert.ok(last !== '' && before !== '' && last !== before, 'every bar is spoken');
    await page.keyboard.press('Escape');
    assert.equal(await page.textContent(`${chart} [role=status]`), '');
    await page.click('text="30 d"');
    await waitFor(
      async () => (await page.locator(`${chart} svg text:has-text(":")`).count()) === 0,
      'days on the axis',
    );
    await page.click('text="Table"');
    const rows = await page.locator('table:has-text("What entered quarantine in the last 30 days") tbody tr').count();
    assert.ok(rows > 1 && rows <= 31, 'one row a day');
  },

  async 'overview-incidents'({ page, mock }) {
    await page.goto(`${mock.url}/`);
    await settled(page);
    const rows = page.locator('section:has-text("Open incidents, the gravest first") li');
    await rows.first().waitFor();
    const order = ['critical', 'high', 'medium', 'low'];
    const texts = await rows.allTextContents();
    const ranks = texts.map((t) => order.findIndex((s) => t.startsWith(s)));
    assert.ok(texts.length > 1 && texts.length <= 5, `${texts.length} are shown`);
    assert.deepEqual(ranks, [...ranks].sort(), 'the gravest first');
    assert.ok(!texts.some((t) => /resolved|ignored/.test(t)), 'only open ones');
    await rows.first().locator('a').click();
    await page.waitForURL('**/incidents?open=*');
    await page.waitForSelector('aside');
  },

  async 'overview-begin'({ page, mock }) {
    mock.state.rows = [];
    await page.goto(`${mock.url}/`);
    await page.waitForSelector('text=Nothing caught yet');
    await page.waitForSelector('code:has-text("curl --proxy http://127.0.0.1:8421 ")');
    await page.waitForSelector('code:has-text("ssh -p ")');
    mock.state.deckies = [];
    await page.reload();
    await page.waitForSelector('code:has-text("curl --proxy ")');
    assert.equal(await page.locator('code:has-text("ssh -p ")').count(), 0, 'no door is named that is not there');
  },

  async 'quiet-period'({ page, mock }) {
    for (const r of mock.state.rows) r.timestamp = new Date(Date.now() - 40 * 86_400_000).toISOString();
    await page.goto(`${mock.url}/`);
    await page.waitForSelector('text=Nothing entered quarantine in the last 24 hours');
  },

  async counters({ page, mock }) {
    await page.goto(`${mock.url}/`);
    await settled(page);
    await page.waitForSelector('nav >> text=Live');
    await page.waitForSelector('[aria-label=Leak] >> text="640"');
    mock.emit(5);
    await page.waitForSelector('[aria-label=Leak] >> text="645"');
  },

  async sensors({ page, mock }) {
    await page.goto(`${mock.url}/`);
    await settled(page);
    for (const name of ['Leak', 'Egress', 'Deception', 'Anomaly']) {
      assert.match(await page.innerText(`section[aria-label=${name}] a >> nth=0`), /^\d/, `${name} has no number`);
    }
    mock.state.killSwitch = { active: true, reason: 'drill', by: 'ana', since: new Date().toISOString() };
    await page.waitForSelector('section[aria-label=Egress] >> text=The kill switch is on');
    await page.click('section[aria-label=Deception] a >> nth=0');
    await page.waitForURL('**/sessions');
  },
};

const hover = ({ page }) => page.hover(chart, { position: { x: 300, y: 120 } });

export const moments = {
  'chart-tip': { path: '', do: hover },
  'chart-week': {
    path: '',
    async do({ page }) {
      await page.click('text="7 d"');
      await page.waitForTimeout(200);
      await page.focus(chart);
      await page.keyboard.press('End');
    },
  },
  'chart-table': {
    path: '',
    async do({ page }) {
      await page.click('text="30 d"');
      await page.click('text="Table"');
    },
  },
  'chart-phone': { path: '', ...phone, do: ({ page }) => page.locator(chart).scrollIntoViewIfNeeded() },
};
