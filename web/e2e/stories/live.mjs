// The feed of what is done on deckies: it flows, waits while somebody reads, and survives a cut.
import assert from 'node:assert/strict';
import { contactOf } from '../../mock/live.mjs';
import { phone, settled, waitFor } from './tools.mjs';

const pane = 'aside[aria-label=Event]';
const grid = '[role=grid]';
const bound = 500;
const status = 'main [role=status]';

async function open(page, mock, query = '') {
  await page.goto(`${mock.url}/live${query}`);
  await settled(page);
  await streaming(mock);
}

// The page has the stream that brings what is done on deckies.
const streaming = (mock) =>
  waitFor(() => [...mock.state.streams].some((s) => s.wants('decky.web-1.traffic')), 'the stream brings traffic');

const rows = async (page) => Number(await page.getAttribute(grid, 'aria-rowcount')) - 1;
const first = (page) => page.locator(`${grid} [role=row][aria-rowindex="2"]`).innerText();
const shows = (page, text) => page.waitForSelector(`${grid} >> text=${text}`);

function cut(mock) {
  mock.state.dead = true;
  for (const s of mock.state.streams) s.destroy();
}

const captured = (mock, leaked) => {
  const row = { ...mock.act({ type: 'login_attempt', summary: 'plaintext as "root", refused' }) };
  const tried = { credential_id: 'c-9', principal: 'newcomer', accepted: false, leaked };
  mock.send('credential.captured', leaked ? 'critical' : 'low', { ...contactOf(row), ...tried });
};

export const stories = {
  async live({ page, mock }) {
    await open(page, mock);
    const before = await rows(page);
    assert.ok(before > 50, 'what is on record comes first');
    const row = mock.act({ summary: 'echo one' });
    await shows(page, 'echo one');
    mock.send('attacker.session.started', 'info', { ...contactOf(row), source_port: 40_001 }, '', 'started-1');
    const did = { seconds: 81.4, logged_in: true, attempts: 3, commands: 14, artifacts: 1 };
    mock.send('attacker.session.ended', 'info', { ...contactOf(row), ...did }, '', 'ended-1');
    await shows(page, `connected from ${row.attacker_ip}:40001`);
    await shows(page, 'after 81 s, let in, 3 attempts, 14 commands, 1 file');
    assert.equal(await rows(page), before + 3, 'each once');
  },

  async 'live-doubles'({ page, mock }) {
    await open(page, mock);
    const before = await rows(page);
    const row = mock.act({ summary: 'echo one' });
    await shows(page, 'echo one');
    mock.act({ id: row.id, summary: 'echo one', stored: false });
    mock.act({ summary: 'echo two' });
    await shows(page, 'echo two');
    assert.equal(await rows(page), before + 2, 'an event that arrives twice is one row');
  },

  async 'live-pause'({ page, mock }) {
    await open(page, mock);
    mock.act({ summary: 'echo seen' });
    await shows(page, 'echo seen');
    await page.keyboard.press('p');
    await page.waitForSelector(`${status} >> text=Paused`);
    for (const n of [1, 2, 3]) mock.act({ summary: `echo hidden ${n}` });
    await page.waitForSelector('button:has-text("3 wait")');
    assert.match(await first(page), /echo seen/, 'nothing moves');
    await page.keyboard.press('p');
    await shows(page, 'echo hidden 3');
    assert.equal(await page.locator('button:has-text("wait")').count(), 0);
    await page.keyboard.press('p');
    mock.act({ summary: 'echo later' });
    await page.click('button:has-text("1 waits")');
    await shows(page, 'echo later');
  },

  async 'live-scrolled'({ page, mock }) {
    await open(page, mock);
    await page.locator('[data-scroller]').evaluate((e) => e.scrollTo({ top: 900 }));
    mock.act({ summary: 'echo above' });
    await page.click('button:has-text("1 waits")');
    await waitFor(async () => /echo above/.test(await first(page)), 'the top is shown, and with it the new one');
  },

  async 'live-narrowed'({ page, mock }) {
    await open(page, mock);
    await page.fill('[aria-label=Decky]', 'trap');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/live?decky=trap');
    await settled(page);
    mock.act({ summary: 'echo elsewhere' });
    mock.act({ decky: 'trap', service: 'http', type: 'request', summary: 'GET /here' });
    await shows(page, 'GET /here');
    assert.equal(await page.locator('text=echo elsewhere').count(), 0);
    await page.click('button:has-text("low")');
    await page.waitForURL('**/live?decky=trap&severity=low');
    await settled(page);
    assert.equal(await page.locator('text=GET /here').count(), 0, 'a request alone only looks');
    await page.click('button:has-text("Clear")');
    await shows(page, 'echo elsewhere');
  },

  async 'live-leaked'({ page, mock }) {
    await open(page, mock, '?severity=critical');
    await shows(page, 'tried a secret of yours');
    const before = await rows(page);
    captured(mock, false);
    captured(mock, true);
    await shows(page, 'a secret that leaked here, as "newcomer", refused');
    assert.equal(await rows(page), before + 1, 'what nobody leaked is an attempt like others');
  },

  async 'live-keys'({ page, mock }) {
    await open(page, mock);
    const row = mock.act({ summary: 'echo chosen' });
    await shows(page, 'echo chosen');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${pane} >> text=echo chosen`);
    await page.waitForSelector(`${status} >> text=Waits while you read`);
    mock.act({ summary: 'echo meanwhile' });
    await page.waitForSelector('button:has-text("1 waits")');
    await page.keyboard.press('Escape');
    await shows(page, 'echo meanwhile');
    await page.keyboard.press('s');
    await page.waitForURL(`**/sessions?open=${row.session}`);
    await page.goBack();
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    await page.waitForURL('**/attackers?open=*');
  },

  async 'live-cut'({ page, mock }) {
    await open(page, mock);
    cut(mock);
    await page.waitForSelector(`${status} >> text=Cut off`);
    mock.act({ summary: 'echo meanwhile', stored: false }); // only the stream can bring it
    mock.state.dead = false;
    await shows(page, 'echo meanwhile');
    await page.waitForSelector(`${status} >> text=As it happens`);
  },

  async 'live-flood'({ page, mock }) {
    await open(page, mock);
    await page.keyboard.press('p');
    for (let n = 0; n < bound + 100; n++) mock.act({ summary: `echo ${n}` });
    await page.waitForSelector('button:has-text("500 or more wait")');
    await page.keyboard.press('p');
    await waitFor(async () => (await rows(page)) === bound, 'the list is bounded');
    assert.match(await first(page), new RegExp(`echo ${bound + 99}`), 'and ends with the newest on top');
  },

  async 'live-leaves'({ page, mock }) {
    await open(page, mock);
    await page.click('nav a:has-text("Sessions")');
    await page.waitForURL('**/sessions');
    await waitFor(
      () => [...mock.state.streams].every((s) => !s.wants('decky.web-1.traffic')),
      'what no other page shows is not sent any more',
    );
  },

  async 'sessions-live'({ page, mock }) {
    await page.goto(`${mock.url}/sessions`);
    await settled(page);
    await page.waitForSelector('nav >> text=/^Live$/');
    mock.state.deckySessions.unshift({ ...mock.state.deckySessions[0], id: 'new', attacker_ip: '198.51.100.77' });
    mock.send('attacker.session.started', 'info', {});
    await shows(page, '198.51.100.77');
  },

  async 'replay-cut'({ page, mock }) {
    const { id } = mock.state.deckySessions.find((s) => s.transcript > 0);
    await page.goto(`${mock.url}/sessions/${id}/replay`);
    await page.click('button:has-text("Open the record")');
    await waitFor(() => mock.state.looks.length === 2, 'the record comes in two parts');
    const asked = mock.state.shown.length;
    cut(mock);
    await page.waitForSelector('text=Live updates are interrupted');
    mock.state.dead = false;
    await waitFor(() => mock.state.shown.length > asked, 'what is shown is read again');
    mock.send('attacker.session.ended', 'info', {});
    await waitFor(() => mock.state.shown.length > asked + 1, 'also when an event tells of it');
    assert.equal(mock.state.looks.length, 2, 'but nobody looked at the record again');
  },
};

export const moments = {
  live: {
    path: 'live',
    async do({ page, mock }) {
      await streaming(mock);
      captured(mock, true);
      mock.act({ summary: '\u001b]0;owned\u0007\u202Egpj.exe <img src=x onerror=alert(1)>' });
      await shows(page, 'as "newcomer", refused');
    },
  },
  'live-paused': {
    path: 'live',
    async do({ page, mock }) {
      await streaming(mock);
      await page.keyboard.press('p');
      for (let n = 0; n < 12; n++) mock.act({});
      await page.waitForSelector('button:has-text("12 wait")');
    },
  },
  'live-open': {
    path: 'live',
    async do({ page }) {
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.waitForSelector(pane);
    },
  },
  'live-cut': {
    path: 'live',
    async do({ page, mock }) {
      await streaming(mock);
      cut(mock);
      await page.waitForSelector(`${status} >> text=Cut off`);
    },
  },
  'live-phone-cut': {
    path: 'live',
    ...phone,
    async do({ page, mock }) {
      await streaming(mock);
      cut(mock);
      await page.waitForSelector(`${status} >> text=Cut off`);
    },
  },
  'live-phone': {
    path: 'live',
    ...phone,
    async do({ page, mock }) {
      await streaming(mock);
      await page.keyboard.press('p');
      mock.act({});
      await page.waitForSelector('button:has-text("1 waits")');
    },
  },
};
