// Incidents: taken on, closed with a reason, undone, all by the keyboard.
import assert from 'node:assert/strict';
import { settled, waitFor } from './tools.mjs';

const dialog = '[role=dialog]';
const reason = `${dialog} input[type=text], ${dialog} input:not([type])`;
const inState = (mock, state) => mock.state.incidents.filter((i) => i.state === state && i.updated_at > '2026').length;

export const stories = {
  async incidents({ page, mock }) {
    await page.goto(`${mock.url}/incidents?sort=newest`); // the newest is nobody's yet
    await settled(page);
    const [taken, resolved] = [inState(mock, 'acknowledged'), inState(mock, 'resolved')];
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    await waitFor(async () => inState(mock, 'acknowledged') === taken + 1, 'taken on');
    await page.waitForSelector('[role=grid] >> text=ana');
    await page.keyboard.press('r');
    await page.waitForSelector(`${dialog} >> text=say what was done`);
    await page.keyboard.press('Enter');
    await page.waitForTimeout(100);
    assert.equal(inState(mock, 'resolved'), resolved, 'not without a reason');
    await page.fill(reason, 'revoked');
    await page.keyboard.press('Enter');
    await waitFor(async () => inState(mock, 'resolved') === resolved + 1, 'resolved');
    await waitFor(async () => (await page.locator(dialog).count()) === 0, 'the dialog has closed');
    await page.keyboard.press('z');
    await waitFor(async () => inState(mock, 'resolved') === resolved, 'undone');
  },

  async 'incident-focus'({ page, mock }) {
    const focused = () => page.evaluate(() => document.activeElement.textContent);
    const whole = mock.state.incidents.find((i) => i.state === 'triggered' && i.snoozed_until === null);
    await page.goto(`${mock.url}/incidents?open=${whole.id}`);
    const resolve = page.locator('aside button:has-text("Resolve…")');
    await resolve.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector(dialog);
    await page.keyboard.press('Escape');
    await waitFor(async () => /^Resolve/.test(await focused()), 'the focus is where it was');
    await page.keyboard.press('Enter');
    await page.fill(reason, 'revoked');
    await page.keyboard.press('Enter');
    await waitFor(async () => (await page.locator(dialog).count()) === 0, 'the dialog has closed');
    const lost = () => page.evaluate(() => document.activeElement === document.body);
    await waitFor(async () => !(await lost()), 'the button is gone, and the focus is on the page');
  },

  async 'incidents-sorted'({ page, mock }) {
    const first = () => page.locator('[role=grid] [role=row]').nth(1);
    await page.goto(`${mock.url}/incidents`);
    await settled(page);
    assert.match(await first().textContent(), /critical/, 'the gravest is on top, whenever it was opened');
    await page.selectOption('select[aria-label=Order]', 'newest');
    await page.waitForURL('**/incidents?sort=newest');
    await waitFor(async () => !/critical/.test(await first().textContent()), 'the newest is on top');
  },

  async 'incidents-counted'({ page, mock }) {
    const link = page.locator('nav a:has-text("Incidents")');
    const open = () =>
      mock.state.incidents.filter((i) => i.closed_at === null && !(Date.parse(i.snoozed_until ?? '') > Date.now()));
    const critical = () => open().filter((i) => i.severity === 'critical').length;
    const says = () => `Incidents${open().length} open${critical() > 0 ? `, ${critical()} critical` : ''}`;
    await page.goto(`${mock.url}/`);
    await waitFor(async () => (await link.textContent()) === says(), 'as many as the page lists');
    mock.state.incidents = mock.state.incidents.filter((i) => i.severity !== 'critical');
    mock.send(`incident.${open()[0].id}.closed`, 'critical', {});
    await waitFor(async () => (await link.textContent()) === says(), 'another closed them');
    await page.goto(`${mock.url}/incidents`);
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('r');
    await page.fill(reason, 'revoked');
    await page.keyboard.press('Enter');
    await waitFor(async () => (await link.textContent()) === says(), 'one less, and at once');
    mock.state.incidents = [];
    mock.send('incident.0199b2c7-0000-7000-8000-000000000001.closed', 'high', {});
    await waitFor(async () => (await link.textContent()) === 'Incidents', 'nothing to say of none');
  },

  async 'incident-elsewhere'({ page, mock }) {
    const closed = mock.state.incidents.find((i) => i.state === 'resolved');
    const whole = mock.state.incidents.find((i) => i.state === 'triggered' && i.snoozed_until === null);
    Object.assign(closed, { merged_into: whole.id });
    Object.assign(whole, { merged: [closed.id] });
    await page.goto(`${mock.url}/incidents?open=${closed.id}`); // as an alert or an event links to it
    await page.waitForSelector(`aside h2:has-text("${closed.title}")`);
    assert.equal(await page.locator('aside >> text=Not in the list').count(), 0);
    await page.click('aside dd a[href*="queue=all"]');
    await page.waitForSelector(`aside h2:has-text("${whole.title}")`);
    await page.waitForSelector('aside >> text=Took in');
    await page.goto(`${mock.url}/incidents?open=0199b2c7-0000-7000-8000-999999999999`);
    await page.waitForSelector('aside >> text=there is no incident');
    await page.goto(`${mock.url}/incidents?open=${whole.id}`);
    await page.waitForSelector(`aside h2:has-text("${whole.title}")`);
    await page.keyboard.press('r');
    await page.fill(reason, 'revoked');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside >> text=Closed: revoked');
    mock.send(`incident.${whole.id}.closed`, 'high', {});
    await page.waitForTimeout(1_500); // the list is read again, and does not hold it any more
    await page.waitForSelector('aside >> text=Closed: revoked');
  },

  async 'incidents-snoozed'({ page, mock }) {
    await page.goto(`${mock.url}/incidents`);
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.keyboard.press('s');
    await page.waitForSelector(`${dialog} >> text=What makes it graver wakes it`);
    await page.selectOption(`${dialog} select`, 'week');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside >> text=Put aside until');
    const [i] = mock.state.incidents.filter((x) => Date.parse(x.snoozed_until ?? '') > Date.now() + 6 * 86_400_000);
    assert.ok(i !== undefined, 'for a week');
    await page.keyboard.press('z');
    await waitFor(async () => i.snoozed_until === null, 'undone');
    await page.click('aside button:has-text("Assign…")');
    await page.fill(`${dialog} label:has-text("To whom") + * input, ${dialog} input[maxlength="64"]`, 'bo');
    await page.click(`${dialog} button:has-text("Assign")`);
    await waitFor(async () => i.assignee === 'bo', 'given to bo');
    await page.goto(`${mock.url}/incidents?queue=snoozed`);
    await settled(page);
    await page.waitForSelector('[role=grid] >> text=snoozed');
  },

  async 'incident-joined'({ page, mock }) {
    await page.goto(`${mock.url}/incidents?severity=critical`);
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside >> text=a program sent it somewhere');
    await page.waitForSelector('aside >> text=Nothing left by the egress gateway');
    await page.waitForSelector('aside >> text=Cordon refused to let it out 2 times');
    await page.waitForSelector('aside ol li:has-text("Revoke the secret where it was issued")');
    await page.waitForSelector('aside ol >> text=wanted to send');
    await page.click('aside button:has-text("Note…")');
    await page.fill(reason, 'asked the owner');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside ol >> text=asked the owner');
    await page.click('aside a:has-text("times")');
    await page.waitForURL('**/findings?fingerprint=*');
    await page.goBack();
    await page.click('aside ol a:has-text("event") >> nth=0');
    await page.waitForURL('**/events?open=*');
    await page.waitForSelector('aside[aria-label=Event] h2');
  },

  async 'incident-omitted'({ page, mock }) {
    const loud = mock.state.incidents.find((i) => i.sensors.includes('egress'));
    loud.observations = 1_312;
    await page.goto(`${mock.url}/incidents?open=${loud.id}`);
    const note = page.locator('aside >> text=/more seen by egress/');
    await note.waitFor();
    assert.match(
      await note.innerText(),
      /^1.309 more seen by egress, at most critical, between .+ and .+; 1.059 of them were only counted$/,
    );
  },

  async 'incident-decky'({ page, mock }) {
    const [i] = mock.state.incidents;
    Object.assign(i, { ...decky, source_ip: mock.state.attackers[0].address });
    await page.goto(`${mock.url}/incidents?queue=all&open=${i.id}`);
    await page.waitForSelector('aside >> text=somebody tried it on a decky');
    assert.equal(await page.locator('aside >> text=a program sent it').count(), 0, 'no program did anything');
    await page.waitForSelector('aside ol >> text=tried a leaked secret on decky web-1');
    await page.click(`aside a:has-text("${i.source_ip}")`);
    await page.waitForURL('**/attackers?open=*');
    await page.waitForSelector('aside[aria-label=Attacker]');
  },

  // Whoever closes another's incident by mistake leaves nothing of it.
  async 'incident-undone-whole'({ page, mock }) {
    const i = mock.state.incidents.find((x) => x.state === 'acknowledged');
    const until = new Date(Date.now() + 3_600_000).toISOString();
    Object.assign(i, { assignee: 'bo', snoozed_until: until });
    const stands = () => [i.state, i.assignee, i.snoozed_until, i.closed_at, i.reason];
    const before = stands();
    await page.goto(`${mock.url}/incidents?queue=all&open=${i.id}`);
    await page.click('aside button:has-text("Resolve…")');
    await page.fill(reason, 'the wrong line');
    await page.keyboard.press('Enter');
    await waitFor(async () => i.state === 'resolved', 'resolved');
    await page.click('button:text-is("Undo")');
    await page.waitForSelector('[role=status] >> text=undone, it is acknowledged');
    assert.deepEqual(stands(), before, 'owner, acknowledgement and snooze are what they were');
    await page.click('aside button:has-text("Reopen")');
    await waitFor(async () => i.state === 'triggered', 'reopened');
    await page.keyboard.press('z');
    await waitFor(async () => i.state === 'acknowledged', 'undone by key');
    assert.deepEqual(stands(), before);
  },

  async 'incidents-viewer'({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/incidents`);
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('r');
    assert.equal(await page.locator(dialog).count(), 0, 'a viewer only looks');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside >> text=Your role is viewer');
  },

  async 'incidents-live'({ page, mock }) {
    mock.state.incidents = [];
    await page.goto(`${mock.url}/incidents`);
    await page.waitForSelector('text=No open incidents');
    const fresh = { title: 'Leaked secret in use: STRIPE_KEY', state: 'triggered', severity: 'critical' };
    mock.state.incidents = [{ ...one(), ...fresh }];
    mock.send('incident.0199b2c7-0000-7000-8000-000000000001.opened', 'critical', {});
    await page.waitForSelector('[role=grid] >> text=STRIPE_KEY');
  },
};

// What a decky saw first: the leak sensor knew the secret, and kept nothing of it in quarantine.
const decky = {
  join: 'leaked_secret_in_use',
  severity: 'critical',
  sensors: ['deception'],
  program: '',
  rule: '',
  secret_type: '',
  redacted: '',
  title: 'Leaked secret in use',
};

export const moments = {
  'incident-decky': {
    path: 'incidents',
    async do({ page, mock }) {
      const [i] = mock.state.incidents;
      Object.assign(i, { ...decky, source_ip: mock.state.attackers[0].address });
      await page.goto(`${mock.url}/incidents?queue=all&open=${i.id}`);
      await page.waitForSelector('aside ol >> text=tried a leaked secret on decky web-1');
    },
  },
};

const one = () => ({
  id: '0199b2c7-0000-7000-8000-000000000001',
  join: 'leaked_secret_in_use',
  sensors: ['egress', 'leak'],
  observations: 2,
  regressed: false,
  snoozed_until: null,
  fingerprint: 'v1:a:b',
  rule: 'stripe',
  secret_type: 'STRIPE_KEY',
  redacted: 'sk_****',
  source_ip: '',
  program: '',
  assignee: '',
  reason: '',
  opened_at: new Date().toISOString(),
  seen_at: new Date().toISOString(),
  closed_at: null,
  updated_at: new Date().toISOString(),
  notes: [],
});
