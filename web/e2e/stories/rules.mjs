// Rules: looking, turning off, editing, trying, making, importing.
import assert from 'node:assert/strict';
import { settled } from '../shots.mjs';
import { waitFor } from './tools.mjs';

const pane = 'aside[aria-label=Rule]';
const token = () => `acme_${'0123456789'.repeat(4)}`; // put together here, so that no scanner trips over this file

export const stories = {
  async 'rules-list'({ page, mock }) {
    await page.goto(`${mock.url}/rules`);
    await settled(page);
    assert.ok((await page.locator('[role=grid] [role=row]').count()) < 80, 'the document stays small');
    await page.keyboard.press('/');
    await page.keyboard.type('github');
    await page.waitForURL('**/rules?text=github');
    await page.keyboard.press('Enter');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/rules/github-*');
    await page.waitForSelector(`${pane} >> text=What matches`);
    await page.keyboard.press('j');
    await page.waitForSelector(`${pane} >> text=2 of`);
    await page.keyboard.press('Escape');
    await page.waitForSelector(pane, { state: 'detached' });
    await page.click('button:has-text("Clear")');
    await page.selectOption('[aria-label=Origin]', 'custom');
    await page.waitForSelector('text=/^1 rule$/');
    await page.goto(`${mock.url}/rules?text=nothing-like-this`);
    await page.click('button:has-text("Clear the filter")');
    await page.waitForURL('**/rules');
  },

  async 'rules-toggle'({ page, mock }) {
    const rule = mock.state.rules.find((r) => r.id === 'acme-deploy-token');
    await page.goto(`${mock.url}/rules/acme-deploy-token`);
    await settled(page);
    await page.click(`${pane} >> button:has-text("Turn off")`);
    await page.keyboard.type('too noisy today');
    await page.keyboard.press('Enter');
    await waitFor(() => rule.active === false, 'turned off');
    assert.equal(rule.history[0].decision_reason, 'too noisy today');
    await page.waitForSelector(`${pane} >> text=too noisy today`);
    await page.click(`${pane} >> button:has-text("Turn on")`);
    await page.click(`${pane} >> form >> button:has-text("Turn on")`);
    await waitFor(() => rule.active === true, 'turned on again');
  },

  async 'rules-edit'({ page, mock }) {
    const rule = mock.state.rules.find((r) => r.id === 'acme-deploy-token');
    await page.goto(`${mock.url}/rules/acme-deploy-token`);
    await settled(page);
    await page.click(`${pane} >> button:has-text("Edit")`);
    assert.ok(await page.locator('button:has-text("Save")').isDisabled(), 'nothing to save yet');
    await page.getByRole('textbox', { name: 'Regex' }).fill('acme_(');
    await page.click('button:has-text("Save")');
    await page.waitForSelector('[aria-invalid=true]');
    assert.equal(
      await page.getByRole('textbox', { name: 'Regex' }).getAttribute('aria-invalid'),
      'true',
      'the error is at its field',
    );
    await page.getByRole('textbox', { name: 'Regex' }).fill('acme_[0-9]{40}');
    await page.getByLabel('Confidence').fill('70');
    await page.click('button:has-text("Save")');
    await waitFor(() => rule.regex === 'acme_[0-9]{40}' && rule.confidence === 0.7, 'saved');
    await page.waitForSelector(`${pane} >> text=What matches`);
  },

  async 'rules-live'({ page, mock }) {
    await page.goto(`${mock.url}/rules/acme-deploy-token`);
    await settled(page);
    await page.waitForSelector('nav >> text=/^Live$/');
    const rule = mock.state.rules.find((r) => r.id === 'acme-deploy-token');
    rule.description = 'Changed by somebody else';
    mock.send('rule.acme-deploy-token.approved', 'info', { rule: rule.id });
    await page.waitForSelector(`${pane} >> text=Changed by somebody else`);
    await page.waitForSelector('[role=grid] >> text=Changed by somebody else');
  },

  async 'rules-conflict'({ page, mock }) {
    const rule = mock.state.rules.find((r) => r.id === 'acme-deploy-token');
    await page.goto(`${mock.url}/rules/acme-deploy-token`);
    await settled(page);
    rule.history.unshift({ ...rule.history[0], timestamp: new Date().toISOString(), approved_by: 'ben' });
    await page.click(`${pane} >> button:has-text("Turn off")`);
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Somebody else changed this rule');
    assert.equal(rule.active, true);
  },

  async 'rules-try'({ page, mock }) {
    await page.goto(`${mock.url}/rules`);
    await settled(page);
    await page.click('button:has-text("Try it")');
    await page.waitForSelector('text=scanned and forgotten');
    await page.getByLabel('Text to scan').fill(`größe 🔑 key=${token()} end`);
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('mark');
    assert.equal(await page.textContent('mark'), 'acme****789', 'redacted, and cut at the right bytes');
    const shown = await page.textContent('[aria-label="Scanned text, redacted"]');
    assert.ok(!shown.includes(token()), 'the result does not repeat the secret');
    assert.ok(shown.includes('größe 🔑 key=') && shown.includes(' end'));
    await page.getByLabel('Text to scan').fill('nothing here');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('text=No secret was found');
  },

  async 'rules-new'({ page, mock }) {
    await page.goto(`${mock.url}/rules`);
    await settled(page);
    await page.click('button:has-text("New rule")');
    await page.getByRole('textbox', { name: 'Id', exact: true }).fill('acme-deploy-token');
    await page.getByRole('textbox', { name: 'Regex' }).fill('zeta_[0-9]{12}');
    await page.getByLabel('Text to scan').fill('a zeta_000111222333 b');
    await page.click('button:has-text("Scan the text")');
    await page.waitForSelector('mark:has-text("zeta****333")');
    await page.click('button:has-text("Make the rule")');
    await page.waitForSelector('text=there is a rule acme-deploy-token already');
    await page.getByRole('textbox', { name: 'Id', exact: true }).fill('zeta-key');
    await page.click('button:has-text("Make the rule")');
    await page.waitForURL('**/rules/zeta-key');
    await page.waitForSelector(`${pane} >> text=was made here`);
    await page.click(`${pane} >> button:has-text("Delete")`);
    await page.click('button:has-text("Delete the rule")');
    await waitFor(() => mock.state.rules.every((r) => r.id !== 'zeta-key'), 'deleted');
  },

  async 'rules-import'({ page, mock }) {
    await page.goto(`${mock.url}/rules`);
    await settled(page);
    await page.click('button:has-text("Import")');
    await page.getByLabel('Rule file').fill('not a rule file');
    await page.click('button:has-text("See what would change")');
    await page.waitForSelector('text=neither patterns.yaml');
    await page.getByLabel('Rule file').fill('patterns:\n  ONE: {regex: "one"}\n');
    await page.click('button:has-text("See what would change")');
    await page.waitForSelector('text=RE2 has no');
    assert.ok(!mock.state.rules.some((r) => r.id === 'imported-one'), 'a look changes nothing');
    await page.click('button:has-text("Import 2 rules")');
    await waitFor(() => mock.state.rules.some((r) => r.id === 'imported-one'), 'imported');
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
  },

  async 'rules-viewer'({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/rules/acme-deploy-token`);
    await settled(page);
    await page.waitForSelector('text=not change them');
    for (const name of ['Turn off', 'Edit', 'Delete', 'Import', 'New rule', 'Try it'])
      assert.equal(await page.locator(`main >> button:has-text("${name}")`).count(), 0, `${name} is not offered`);
    mock.state.role = 'reviewer';
    await page.reload();
    await page.waitForSelector('button:has-text("Try it")');
  },
};

export const moments = {
  'rules-try': {
    path: 'rules',
    async do({ page }) {
      await page.click('button:has-text("Try it")');
      await page.getByLabel('Text to scan').fill(`# deploy.env\nDEPLOY=${token()}\nREGION=eu-west-1\n`);
      await page.keyboard.press('Control+Enter');
      await page.waitForSelector('mark');
    },
  },
  'rules-edit': {
    path: 'rules/acme-deploy-token',
    async do({ page }) {
      await page.click('button:has-text("Edit")');
      await page.getByRole('textbox', { name: 'Regex' }).fill('acme_(');
      await page.click('button:has-text("Save")');
      await page.waitForSelector('[aria-invalid=true]');
    },
  },
  'rules-off': {
    path: 'rules/acme-deploy-token',
    do: ({ page }) => page.click('aside >> button:has-text("Turn off")'),
  },
  'rules-new': { path: 'rules', do: ({ page }) => page.click('button:has-text("New rule")') },
  'rules-new-phone': {
    path: 'rules',
    width: 390,
    height: 844,
    do: ({ page }) => page.click('button:has-text("New rule")'),
  },
  'rules-import': {
    path: 'rules',
    async do({ page }) {
      await page.click('button:has-text("Import")');
      await page.getByLabel('Rule file').fill('patterns:\n  ONE:\n    regex: "one_[0-9]{20}"\n    severity: HIGH\n');
      await page.click('button:has-text("See what would change")');
      await page.waitForSelector('text=RE2 has no');
    },
  },
  'rules-end': {
    path: 'rules/acme-deploy-token',
    do: ({ page }) => page.locator('aside h2:has-text("The same elsewhere")').scrollIntoViewIfNeeded(),
  },
};
