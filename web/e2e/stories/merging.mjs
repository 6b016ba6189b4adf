// Incidents made one and split again: from the list, from a page, by keyboard and by mouse, with undo.
import assert from 'node:assert/strict';
import { phone, settled, waitFor } from './tools.mjs';

const dialog = '[role=dialog]';
const toast = (page, text) => page.waitForSelector(`[role=status] >> text=${text}`);
const undo = (page) => page.click('button:text-is("Undo")');

/** All that people see of an incident, but when it changed. */
const stands = ({ updated_at: _, notes: __, ...i }) => structuredClone(i);

/** Two open incidents of the newest, the elder first. */
const two = (mock) => {
  const open = mock.state.incidents.filter((i) => i.closed_at === null && i.snoozed_until === null);
  return open
    .filter((i) => i.key_kind === 'secret')
    .slice(0, 2)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
};

/** An incident with two parts. */
function whole(mock) {
  const [w, a, b] = mock.state.incidents.filter((i) => i.closed_at === null && i.snoozed_until === null);
  for (const part of [a, b]) Object.assign(part, { state: 'resolved', closed_at: part.seen_at, merged_into: w.id });
  Object.assign(w, { merged: [a.id, b.id], observations: w.observations + a.observations + b.observations });
  return { w, a, b };
}

async function selectTwo(page, mock) {
  await page.goto(`${mock.url}/incidents?sort=newest`);
  await settled(page);
  for (const i of two(mock)) await page.getByLabel(`Select ${i.title}`).check();
}

export const stories = {
  async merge({ page, mock }) {
    const [elder, younger] = two(mock);
    const before = [elder, younger].map(stands);
    mock.state.webhooks.find((w) => w.id === 'audit-archive').topics.push('incident.>');
    await page.goto(`${mock.url}/incidents?sort=newest`);
    await settled(page);
    for (const title of [younger.title, elder.title]) {
      while ((await page.locator('[role=row][aria-selected=true]').allTextContents()).every((t) => !t.includes(title)))
        await page.keyboard.press('j');
      await page.keyboard.press('x');
    }
    await page.waitForSelector('[role=status] >> text=2 incidents selected');
    await page.keyboard.press('m');
    const will = page.locator(`${dialog} dl`);
    await will.waitFor();
    const [says] = [await will.textContent()];
    assert.match(says, new RegExp(`${elder.observations + younger.observations} times by`), 'how often it was seen');
    await page.waitForSelector(`${dialog} >> text=each has to be revoked`);
    await page.waitForSelector(`${dialog} >> text=/Told: audit-archive, unless/`);
    await page.getByLabel('Reason').fill('one attack');
    await page.keyboard.press('Enter');
    await toast(page, 'merged into');
    assert.equal(younger.merged_into, elder.id, 'the younger is part of the elder');
    assert.equal(await page.locator(dialog).count(), 0);
    await page.waitForSelector('[role=status] >> text=selected', { state: 'detached' });
    await undo(page);
    await waitFor(async () => younger.merged_into === null, 'undone');
    assert.deepEqual([elder, younger].map(stands), before, 'both are exactly what they were');
  },

  async 'merge-from-a-page'({ page, mock }) {
    const [elder, younger] = two(mock);
    await page.goto(`${mock.url}/incidents?sort=newest&open=${younger.id}`);
    await page.click('aside button:has-text("Merge…")');
    await page.waitForSelector(`${dialog} >> text=Choose another to merge it with`);
    assert.ok(await page.locator(`${dialog} button[type=submit]`).isDisabled(), 'not with nothing');
    await page.getByLabel('Merge it with').selectOption(elder.id);
    await page.waitForSelector(`${dialog} >> text=It will be`);
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForURL(`**open=${elder.id}`);
    await page.waitForSelector('aside >> text=Took in');
    await page.keyboard.press('z');
    await waitFor(async () => younger.merged_into === null, 'undone by key');
    await page.waitForSelector('aside >> text=Took in', { state: 'detached' });
  },

  async 'merge-viewer'({ page, mock }) {
    const { w } = whole(mock);
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/incidents?open=${w.id}`);
    await page.waitForSelector('aside >> text=of a part');
    for (const key of ['x', 'm']) await page.keyboard.press(key);
    assert.equal(await page.locator('[role=grid] input[type=checkbox]').count(), 0, 'a viewer selects nothing');
    for (const word of ['Merge…', 'Split off…'])
      assert.equal(await page.locator(`button:has-text("${word}")`).count(), 0, `a viewer may ${word}`);
    assert.equal(await page.locator(dialog).count(), 0);
  },

  async 'merge-conflict'({ page, mock }) {
    const [elder, younger] = two(mock);
    await selectTwo(page, mock);
    await page.click('button:has-text("Merge…")');
    await page.waitForSelector(`${dialog} >> text=It will be`);
    younger.notes.push('somebody is at work on it');
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector(`${dialog} [role=alert] >> text=the incident has changed since you read it`);
    assert.equal(younger.merged_into, null, 'nothing was done to what nobody saw');
    const third = mock.state.incidents.find((i) => i !== elder && i !== younger && i.closed_at === null);
    Object.assign(younger, { merged_into: third.id, notes: [...younger.notes, 'merged'] });
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector(`${dialog} >> text=is part of another already`);
    assert.ok(await page.locator(`${dialog} button[type=submit]`).isDisabled(), 'somebody else merged it');
    await page.keyboard.press('Escape');
    await waitFor(async () => (await page.locator(dialog).count()) === 0, 'left');
  },

  async split({ page, mock }) {
    const { w, a, b } = whole(mock);
    await page.goto(`${mock.url}/incidents?queue=all&open=${w.id}`);
    await page.click('aside >> .mantine-Button-root:has-text("Split off…")');
    await page.waitForSelector(`${dialog} >> text=${a.title}`);
    assert.ok(await page.locator(`${dialog} button[type=submit]`).isDisabled(), 'none is chosen');
    await page.locator(`${dialog} label:has-text("${b.title}")`).click();
    await page.waitForSelector(`${dialog} >> text=It stands again as before the merge`);
    await page.getByLabel('Reason').fill('two things');
    await page.keyboard.press('Enter');
    await toast(page, '1 incident split off');
    assert.deepEqual([a.merged_into, b.merged_into], [w.id, null]);
    await undo(page);
    await waitFor(async () => b.merged_into === w.id, 'merged again');
    assert.deepEqual([...w.merged].sort(), [a.id, b.id].sort());
  },

  async 'split-from-the-timeline'({ page, mock }) {
    const { w, a } = whole(mock);
    await page.goto(`${mock.url}/incidents?queue=all&open=${w.id}`);
    await page.locator('aside ol li', { hasText: 'of a part' }).first().getByRole('button').click();
    await page.waitForSelector(`${dialog} >> text=It stands again as before the merge`);
    assert.equal(await page.locator(`${dialog} input:checked`).count(), 1, 'the one that the line is of');
    await page.click(`${dialog} button[type=submit]`);
    await waitFor(async () => w.merged.length === 1, 'one is split off');
    await page.goto(`${mock.url}/incidents?queue=all&open=${w.merged[0]}`);
    await page.waitForSelector('aside >> text=It is part of another');
    assert.equal(await page.locator('aside button:has-text("Reopen")').count(), 0, 'what is refused is not offered');
    await page.click('aside button:has-text("Split off…")');
    await page.click(`${dialog} button[type=submit]`);
    await waitFor(async () => w.merged.length === 0 && a.merged_into === null, 'the last, from its own page');
  },

  async 'split-conflict'({ page, mock }) {
    const { w, a, b } = whole(mock);
    w.merged = [b.id];
    a.merged_into = null;
    await page.goto(`${mock.url}/incidents?queue=all&open=${w.id}`);
    await page.click('aside >> .mantine-Button-root:has-text("Split off…")');
    await page.waitForSelector(`${dialog} >> text=It stands again`);
    Object.assign(b, { merged_into: null, notes: ['somebody split it off'] });
    w.merged = [];
    await page.click(`${dialog} button[type=submit]`);
    await page.waitForSelector(`${dialog} [role=alert] >> text=has changed since you read it`);
    await page.waitForSelector(`${dialog} >> text=Nothing is merged into it any more`);
    assert.ok(await page.locator(`${dialog} button[type=submit]`).isDisabled());
  },
};

export const moments = {
  selected: { path: 'incidents', do: ({ page, mock }) => selectTwo(page, mock) },
  'selected-phone': { path: 'incidents', ...phone, do: ({ page, mock }) => selectTwo(page, mock) },
  'merge-dialog': {
    path: 'incidents',
    async do({ page, mock }) {
      await selectTwo(page, mock);
      await page.keyboard.press('m');
      await page.waitForSelector(`${dialog} >> text=/Told|No webhook/`);
    },
  },
  'merge-dialog-phone': {
    path: 'incidents',
    ...phone,
    async do({ page, mock }) {
      await selectTwo(page, mock);
      await page.click('button:has-text("Merge…")');
      await page.waitForSelector(`${dialog} >> text=/Told|No webhook/`);
    },
  },
  merged: {
    path: 'incidents',
    async do({ page, mock }) {
      await selectTwo(page, mock);
      await page.keyboard.press('m');
      await page.waitForSelector(`${dialog} >> text=It will be`);
      await page.click(`${dialog} button[type=submit]`);
      await page.waitForSelector('button:text-is("Undo")');
    },
  },
  'split-dialog': {
    path: 'incidents',
    async do({ page, mock }) {
      const { w } = whole(mock);
      await page.goto(`${mock.url}/incidents?open=${w.id}`);
      await page.click('aside >> .mantine-Button-root:has-text("Split off…")');
      await page.locator(`${dialog} input[type=checkbox]`).first().check();
      await page.waitForSelector(`${dialog} >> text=It stands again`);
    },
  },
  part: {
    path: 'incidents',
    async do({ page, mock }) {
      const { a } = whole(mock);
      await page.goto(`${mock.url}/incidents?queue=all&open=${a.id}`);
      await page.waitForSelector('aside >> text=It is part of another');
    },
  },
};
