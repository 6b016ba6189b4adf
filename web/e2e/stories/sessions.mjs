// Sessions on deckies: found, looked into, replayed; what was left is saved with a reason.
import assert from 'node:assert/strict';
import { settled, waitFor } from './tools.mjs';

const pane = 'aside[aria-label=Session]';
const dialog = '[role=dialog]';
const screen = '[aria-label="The recorded terminal"]';
const recorded = (mock) => mock.state.deckySessions.find((s) => s.transcript > 0);
const hostile = (mock) => mock.state.deckySessions.find((s) => s.banner.includes('owned'));

async function openRecord(page, mock) {
  await page.goto(`${mock.url}/sessions/${recorded(mock).id}/replay`);
  await settled(page);
  await page.click('button:has-text("Open the record")');
  await page.waitForSelector(`${screen} .xterm-rows`);
}

const shows = (page, text) =>
  waitFor(
    async () => (await page.locator(`${screen} .xterm-rows`).innerText()).includes(text),
    `the terminal shows ${text}`,
  );

export const stories = {
  async sessions({ page, mock }) {
    await page.goto(`${mock.url}/sessions`);
    await settled(page);
    await page.check('text=Recorded terminals only');
    await page.waitForURL('**/sessions?recorded=true');
    await settled(page);
    await page.keyboard.press('Escape');
    await page.locator('[role=grid]').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${pane} >> text=tried to log in`);
    const deeds = await page.locator(`${pane} ol li`).allInnerTexts();
    assert.match(deeds[0], /came/, 'the oldest comes first');
    await page.waitForSelector(`${pane} >> text=wget http`);
  },

  async 'session-elsewhere'({ page, mock }) {
    const far = mock.state.deckySessions[400];
    await page.goto(`${mock.url}/sessions?open=${far.id}`);
    await page.waitForSelector(`${pane} >> text=${far.id}`);
  },

  async 'session-hostile'({ page, mock }) {
    await page.goto(`${mock.url}/sessions?open=${hostile(mock).id}`);
    await page.waitForSelector(`${pane} >> text=<img src=x onerror`);
    assert.equal(await page.locator('img').count(), 0, 'markup stays text');
    await page.waitForSelector(`${pane} >> text=<ESC>`);
    await page.waitForSelector(`${pane} >> text=<U+202E>`);
  },

  async replay({ page, mock }) {
    const id = recorded(mock).id;
    await page.goto(`${mock.url}/sessions?open=${id}`);
    await page.click(`${pane} a:has-text("Replay")`);
    await page.waitForSelector('text=The audit log will say that you looked');
    assert.deepEqual(mock.state.looks, [], 'nothing is read before somebody says so');
    await page.click('button:has-text("Open the record")');
    await page.waitForSelector(`${screen} .xterm-rows`);
    await waitFor(() => mock.state.looks.length === 2, 'the record comes in two parts');
    await page.keyboard.press('End');
    await shows(page, 'answer 5');
    await page.keyboard.press('Home');
    await waitFor(
      async () => !(await page.locator(`${screen} .xterm-rows`).innerText()).includes('answer'),
      'it goes back',
    );
    await page.fill('[aria-label="Find a command"]', 'WGET');
    await waitFor(async () => (await page.locator('ol button').count()) === 1, 'one command has the word');
    await page.click('ol button:has-text("wget")');
    await shows(page, 'answer 3');
    await page.click('[aria-label=Play]');
    await shows(page, 'answer 4');
    assert.notEqual(await page.title(), 'root@portal07', 'the record does not reach the page');
  },

  async 'replay-viewer'({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/sessions?open=${recorded(mock).id}`);
    await page.waitForSelector(`${pane} >> text=An administrator can play`);
    await page.goto(`${mock.url}/sessions/${recorded(mock).id}/replay`);
    await page.waitForSelector('text=For administrators');
    assert.deepEqual(mock.state.looks, []);
  },

  async artifact({ page, mock }) {
    const left = mock.state.deckySessions.find((s) => s.artifacts > 0);
    await page.goto(`${mock.url}/sessions?open=${left.id}`);
    await page.click(`${pane} button:has-text("Download…")`);
    await page.waitForSelector(`${dialog} >> text=It may be malware`);
    await page.fill(`${dialog} input`, 'to look at it in the lab');
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    assert.match(file.suggestedFilename(), /^[0-9a-f]{64}\.bin$/);
    assert.deepEqual(mock.state.looks, ['to look at it in the lab']);
  },
};

export const moments = {
  session: {
    path: 'sessions',
    async do({ page, mock }) {
      await page.goto(`${mock.url}/sessions?open=${hostile(mock).id}`);
      await page.waitForSelector(`${pane} >> text=came`);
    },
  },
  'session-files': {
    path: 'sessions',
    async do({ page, mock }) {
      await page.goto(`${mock.url}/sessions?open=${mock.state.deckySessions.find((s) => s.artifacts > 0).id}`);
      await page.click(`${pane} button:has-text("Download…")`);
      await page.waitForSelector(dialog);
    },
  },
  replay: {
    path: 'sessions',
    async do({ page, mock }) {
      await openRecord(page, mock);
      await page.waitForSelector('ol button:has-text("wget")');
      await page.keyboard.press('End');
      await shows(page, 'answer 5');
    },
  },
  'replay-narrow': {
    path: 'sessions',
    width: 390,
    height: 844,
    do: ({ page, mock }) => openRecord(page, mock),
  },
  'replay-closed': {
    path: 'sessions',
    async do({ page, mock }) {
      await page.goto(`${mock.url}/sessions/${recorded(mock).id}/replay`);
      await page.waitForSelector('text=Open the record');
    },
  },
};
