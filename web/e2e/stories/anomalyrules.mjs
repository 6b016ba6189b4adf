// Anomaly rules: looking, turning off, editing, conflict, making, replaying.
import assert from 'node:assert/strict';
import { settled } from '../shots.mjs';
import { waitFor } from './tools.mjs';

const pane = 'aside[aria-label="Anomaly rule"]';
const find = (mock, id) => mock.state.anomalyRules.find((r) => r.id === id);

export const stories = {
  async 'anomalyrules-list'({ page, mock }) {
    await page.goto(`${mock.url}/anomaly-rules`);
    await settled(page);
    await page.waitForSelector('text=6 rules, 3 of them on');
    await page.keyboard.press('/');
    await page.keyboard.type('vpn');
    await page.waitForURL('**/anomaly-rules?text=vpn');
    await page.keyboard.press('Enter');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/anomaly-rules/vpn_guessing*');
    await page.waitForSelector(`${pane} >> text=two slipped by on Tuesday`);
    await page.keyboard.press('Escape');
    await page.waitForSelector(pane, { state: 'detached' });
    await page.click('button:has-text("Clear")');
    await page.click('label:has-text("Problem")');
    await page.waitForSelector('text=/^2 rules$/');
    await page.goto(`${mock.url}/anomaly-rules?text=nothing-like-this`);
    await page.click('button:has-text("Clear the filter")');
    await page.waitForURL('**/anomaly-rules');
  },

  async 'anomalyrules-toggle'({ page, mock }) {
    await page.goto(`${mock.url}/anomaly-rules/spraying`);
    await settled(page);
    assert.equal(
      await page.locator(`${pane} >> button:has-text("Edit")`).count(),
      0,
      'a rule of a file is edited there',
    );
    await page.click(`${pane} >> button:has-text("Turn on")`);
    await page.keyboard.type('the pen test is over');
    await page.keyboard.press('Enter');
    await waitFor(() => find(mock, 'spraying').enabled === true, 'turned on');
    assert.equal(find(mock, 'spraying').history[0].reason, 'the pen test is over');
  },

  async 'anomalyrules-twins'({ page, mock }) {
    const file = find(mock, 'break_in');
    const own = { ...file, origin: 'custom', from: '', words: 'ours is another', text: 'id: break_in\nours: yes\n' };
    mock.state.anomalyRules.push({ ...own, problem: 'its id is taken by a rule of a file' });
    await page.goto(`${mock.url}/anomaly-rules`);
    await settled(page);
    await page.click('role=row >> text=rules.yaml >> nth=0');
    await page.waitForURL('**/anomaly-rules/file~break_in');
    await page.waitForSelector(`${pane} >> text=attributes.path`);
    assert.equal(
      await page.locator(`${pane} >> button:has-text("Turn off")`).count(),
      0,
      'it would turn off the other',
    );
    await page.click(`${pane} >> text=A rule that was made here`);
    await page.waitForURL('**/anomaly-rules/break_in');
    await page.waitForSelector(`${pane} >> text=ours: yes`);
    await page.click(`${pane} >> button:has-text("Delete")`);
    await page.click(`${pane} >> button:has-text("Delete the rule")`);
    await waitFor(() => find(mock, 'break_in').origin === 'file', 'deleted');
    await page.click('role=row >> text=rules.yaml >> nth=0');
    await page.waitForURL('**/anomaly-rules/break_in');
    await page.waitForSelector(`${pane} >> button:has-text("Turn off")`);
  },

  async 'anomalyrules-edit'({ page, mock }) {
    await page.goto(`${mock.url}/anomaly-rules/vpn_guessing`);
    await settled(page);
    await page.click(`${pane} >> button:has-text("Edit")`);
    assert.ok(await page.locator('button:has-text("Save")').isDisabled(), 'nothing to save yet');
    const text = page.getByRole('textbox', { name: 'Rule as YAML' });
    const before = await text.inputValue();
    await text.fill(`${before}colour: red\n`);
    await page.click('button:has-text("Save")');
    await page.waitForSelector(`${pane} >> text=unknown field "colour"`);
    await page.waitForSelector(`${pane} >> button:has-text("Line 9")`);
    assert.equal(await text.getAttribute('aria-invalid'), 'true', 'the error is at its line');
    await text.fill(before.replace('threshold: 5', 'threshold: 9'));
    await page.waitForSelector(`${pane} >> text=Differs from what is stored`);
    await page.click('button:has-text("Save")');
    await waitFor(() => find(mock, 'vpn_guessing').count === 9, 'saved');
    await page.waitForSelector(`${pane} >> text=Too much is: 9 auth_failed`);
  },

  async 'anomalyrules-conflict'({ page, mock }) {
    await page.goto(`${mock.url}/anomaly-rules/vpn_guessing`);
    await settled(page);
    await page.click(`${pane} >> button:has-text("Edit")`);
    const text = page.getByRole('textbox', { name: 'Rule as YAML' });
    await text.fill((await text.inputValue()).replace('threshold: 5', 'threshold: 9'));
    const rule = find(mock, 'vpn_guessing');
    rule.history.unshift({ ...rule.history[0], who: 'ben' });
    rule.text = rule.text.replace('threshold: 5', 'threshold: 7');
    await page.click('button:has-text("Save")');
    await page.waitForSelector('text=Somebody else changed this rule');
    await page.waitForSelector(`${pane} >> text=threshold: 7`);
    assert.match(await text.inputValue(), /threshold: 9/, 'the draft is kept');
    assert.notEqual(rule.count, 9);
  },

  async 'anomalyrules-replay'({ page, mock }) {
    await page.goto(`${mock.url}/anomaly-rules/vpn_guessing`);
    await settled(page);
    await page.click(`${pane} >> button:has-text("Edit")`);
    const text = page.getByRole('textbox', { name: 'Rule as YAML' });
    await text.fill((await text.inputValue()).replace('threshold: 5', 'threshold: 10'));
    await page.selectOption('[aria-label=Stretch]', '168');
    await page.click('button:has-text("Replay")');
    await page.waitForSelector('text=4 anomalies as the rule stands, 2 with this.');
    await page.waitForSelector('text=it has too many records');
    const drawing = page.getByRole('img', { name: /2 would have opened/ });
    await drawing.waitFor();
    await page.click('label:has-text("As the rule stands")');
    await page.getByRole('img', { name: /4 would have opened/ }).waitFor();
    await page.click('label:has-text("Records of mine")');
    await page.getByRole('textbox', { name: 'Records, one JSON object a line' }).fill('{"kind": "weather"}');
    await page.click('button:has-text("Replay")');
    await page.waitForSelector('text=it is no record');
    assert.equal(find(mock, 'vpn_guessing').count, 5, 'nothing is stored');
  },

  async 'anomalyrules-new'({ page, mock }) {
    await page.goto(`${mock.url}/anomaly-rules`);
    await settled(page);
    await page.click('button:has-text("New rule")');
    await page.click('button:has-text("Make the rule")');
    await page.waitForURL('**/anomaly-rules/vpn_logins');
    await page.waitForSelector(pane);
    await page.click(`${pane} >> button:has-text("Delete")`);
    await page.click(`${pane} >> button:has-text("Delete the rule")`);
    await waitFor(() => find(mock, 'vpn_logins') === undefined, 'deleted');
  },

  async 'anomalyrules-live'({ page, mock }) {
    await page.goto(`${mock.url}/anomaly-rules/vpn_guessing`);
    await settled(page);
    await page.waitForSelector('nav >> text=/^Live$/');
    find(mock, 'vpn_guessing').description = 'Changed by somebody else';
    mock.send('rule.vpn_guessing.changed', 'info', { rule: 'vpn_guessing' });
    await page.waitForSelector(`${pane} >> text=Changed by somebody else`);
  },

  async 'anomalyrules-refused'({ page, mock }) {
    mock.state.anomalyRulesRefused =
      'reading anomaly rules of /etc/cordon/rules.yaml: line 4: rule "vpn": when: column 1: undeclared reference';
    await page.goto(`${mock.url}/anomaly-rules`);
    await settled(page);
    await page.waitForSelector('[role=alert] >> text=are not in force');
  },
};

// A draft of vpn_guessing with another threshold.
async function drafted(page) {
  await page.click(`${pane} >> button:has-text("Edit")`);
  const text = page.getByRole('textbox', { name: 'Rule as YAML' });
  await text.fill((await text.inputValue()).replace('threshold: 5', 'threshold: 10'));
}

/** What only shows after a few steps. */
export const moments = {
  'anomalyrules-replayed': {
    path: 'anomaly-rules/vpn_guessing',
    height: 1700,
    do: async ({ page }) => {
      await drafted(page);
      await page.selectOption('[aria-label=Stretch]', '168');
      await page.click('button:has-text("Replay")');
      await page.getByRole('img', { name: /would have opened/ }).waitFor();
    },
  },
  'anomalyrules-twins': {
    path: 'anomaly-rules/file~break_in',
    do: async ({ page, mock }) => {
      const own = {
        ...find(mock, 'break_in'),
        origin: 'custom',
        from: '',
        problem: 'its id is taken by a rule of a file',
      };
      mock.state.anomalyRules.push(own);
      await page.reload();
      await page.waitForSelector('text=A rule that was made here');
    },
  },
  'anomalyrules-wrong': {
    path: 'anomaly-rules',
    do: async ({ page }) => {
      await page.click('button:has-text("New rule")');
      const text = page.getByRole('textbox', { name: 'Rule as YAML' });
      await text.fill(`${await text.inputValue()}colour: red\n`);
      await page.click('button:has-text("Make the rule")');
      await page.waitForSelector('text=unknown field');
    },
  },
};
