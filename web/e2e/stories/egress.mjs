// The egress pages: decisions as they come, the policy, the kill switch.
import assert from 'node:assert/strict';
import { decide } from '../../mock/egress.mjs';
import { settled, waitFor } from './tools.mjs';

const dialog = '[role=dialog]';

export const stories = {
  async decisions({ page, mock }) {
    await page.goto(`${mock.url}/decisions`);
    await settled(page);
    decide(mock.state, mock.send);
    await page.waitForSelector('[role=grid] >> text=fresh.example');
    await page.selectOption('[aria-label=Verdict]', 'allow');
    await waitFor(
      async () => (await page.locator('[role=grid] >> text=denied').count()) === 0,
      'only what was allowed',
    );
    await page.goto(`${mock.url}/decisions?host=paste.example`);
    await page.click('[role=grid] >> text=paste.example:443');
    await page.waitForSelector('aside >> text=no rule names paste.example');
    await page.waitForSelector('aside >> text=cordon egress add paste.example:443');
    await page.keyboard.press('Escape');
    await waitFor(async () => (await page.locator('aside').count()) === 0, 'closed');
  },

  async destinations({ page, mock }) {
    await page.goto(`${mock.url}/destinations`);
    await settled(page);
    await page.click('button:has-text("Most sent")');
    assert.match(await page.textContent('main li:first-child'), /stripe|npmjs/);
    await page.click('main a:has-text("paste.example")');
    await page.waitForURL('**/decisions?host=paste.example');
  },

  async baselines({ page, mock }) {
    await page.goto(`${mock.url}/baselines`);
    await settled(page);
    assert.match(await page.textContent('main li:first-child'), /restic/, 'what was unusual is first, and open');
    await page.waitForSelector('[aria-label="What was unusual"] >> text=42 MB to backup.example in 10 min');
    await page.waitForSelector('svg[role=img][aria-label*="42 MB to backup.example"] circle');
    await page.click('main button:has-text("db.internal.example")');
    await page.waitForSelector('text=Nothing is told of before');
    assert.equal(await page.locator('[aria-expanded=true]').count(), 1, 'one is open');
    await page.click('main button:has-text("db.internal.example")');
    assert.equal(await page.locator('main [aria-expanded=true]').count(), 0, 'none is');
  },

  async policy({ page, mock }) {
    await page.goto(`${mock.url}/policy`);
    await settled(page);
    const editor = page.locator('textarea[aria-label="Policy as YAML"]');
    const was = await editor.inputValue();
    await editor.fill(was.replace('api.stripe.example', 'pay.example'));
    await page.waitForSelector('[aria-label="Differs from what is in force"] >> text=pay.example');
    await page.click('button:has-text("Try it")');
    await page.waitForSelector('[aria-label="What it would change"] >> text=api.stripe.example');
    await page.click('button:has-text("Put it into force")');
    await page.fill(`${dialog} input`, 'the provider moved');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Version 4 of the policy is in force');
    await page.click('button:has-text("Version 2")');
    await page.waitForSelector('button:has-text("Go back to version 2")');
    await page.click('button:has-text("Go back to version 2")');
    await page.fill(`${dialog} input`, 'back');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Version 5 of the policy is in force');
    assert.equal(mock.state.versions.at(-1).origin, 'rollback');
  },

  async 'policy-wrong'({ page, mock }) {
    await page.goto(`${mock.url}/policy`);
    await settled(page);
    await page.locator('textarea[aria-label="Policy as YAML"]').fill('mode: strict\nnonsense: 1\n');
    await page.waitForSelector('[aria-label=Check] >> text=is no key of a policy');
    assert.equal(await page.locator('textarea[aria-invalid=true]').count(), 1, 'the field says that it is wrong');
    await page.click('[aria-label=Check] button:has-text("Line 2")');
    const chosen = () => page.evaluate(() => window.getSelection().toString());
    await waitFor(async () => (await chosen()) === 'nonsense: 1', 'the line is selected');
    await page.click('button:has-text("Try it")');
    await page.waitForSelector('text=there is no such key');
    await page.locator('textarea[aria-label="Policy as YAML"]').fill('mode: strict\ndefault_policy: allow\n');
    await page.waitForSelector('[aria-label=Check] >> text=1 of 1 test failed');
  },

  // Somebody else is faster: the draft is kept, and what they did is shown beside it.
  async 'policy-conflict'({ page, mock }) {
    await page.goto(`${mock.url}/policy`);
    await settled(page);
    const editor = page.locator('textarea[aria-label="Policy as YAML"]');
    await editor.fill('mode: strict\n# mine\n');
    await page.click('button:has-text("Put it into force")');
    const theirs = {
      ...mock.state.versions.at(-1),
      version: 4,
      hash: 'hash-other',
      author: 'bo',
      reason: 'mine first',
    };
    mock.state.versions.push({ ...theirs, document: `${theirs.document}# theirs\n` });
    await page.fill(`${dialog} input`, 'mine');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert] >> text=version 4 is in force now');
    await page.waitForSelector('[aria-label="What they changed"] >> text=# theirs');
    await page.waitForSelector('[aria-label=History] >> text=mine first');
    assert.match(await editor.inputValue(), /# mine/);
    await page.click('button:has-text("Keep my draft, in place of version 4")');
    await page.click('button:has-text("Put it into force")');
    await page.fill(`${dialog} input`, 'after a look');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Version 5 of the policy is in force');
    await waitFor(async () => /# mine/.test(await editor.inputValue()), 'the page shows version 5');
    await editor.fill('mode: audit\n');
    await page.click('button:has-text("Put it into force")');
    await page.fill(`${dialog} input`, 'once more');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Version 6 of the policy is in force');
  },

  // A draft survives a look at the history, in which any two versions are compared.
  async 'policy-history'({ page, mock }) {
    await page.goto(`${mock.url}/policy`);
    await settled(page);
    const editor = page.locator('textarea[aria-label="Policy as YAML"]');
    await editor.fill('mode: strict\n# a draft\n');
    await page.selectOption('[aria-label=History] >> select >> nth=0', '1');
    await page.click('button:has-text("Compare")');
    await page.waitForSelector('[aria-label="From version 1 to version 3"] >> text=added >> nth=0');
    await page.waitForSelector('[aria-label="From version 1 to version 3"] >> text=default_policy: deny');
    await page.click('button:has-text("Back to the policy")');
    await waitFor(async () => /# a draft/.test(await editor.inputValue()), 'the draft is still there');
    await page.click('button:has-text("Discard the draft")');
    await waitFor(async () => !/# a draft/.test(await editor.inputValue()), 'the draft is gone');
  },

  async killswitch({ page, mock }) {
    await page.goto(`${mock.url}/killswitch`);
    await settled(page);
    await page.click('button:has-text("Stop everything")');
    await page.click(`${dialog} button:has-text("Stop everything")`);
    await page.waitForTimeout(100);
    assert.equal(mock.state.killSwitch.active, false, 'not without a reason');
    await page.fill(`${dialog} input`, 'a token leaked');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h2:has-text("Everything is stopped")');
    await page.waitForSelector('main >> text=a token leaked');
    await page.click('button:has-text("Let the policy decide again")');
    await page.fill(`${dialog} input`, 'revoked');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h2:has-text("The policy decides")');
  },

  async 'killswitch-responder'({ page, mock }) {
    mock.state.role = 'responder';
    mock.state.killSwitch = { active: true, reason: 'drill', by: 'ana', since: new Date().toISOString() };
    await page.goto(`${mock.url}/killswitch`);
    await page.waitForSelector('text=Only an administrator may lift it');
    assert.equal(await page.locator('main button:has-text("Let the policy")').count(), 0);
  },

  async 'policy-viewer'({ page, mock }) {
    mock.state.role = 'viewer';
    await page.goto(`${mock.url}/policy`);
    await settled(page);
    assert.equal(await page.locator('button:has-text("Put it into force")').count(), 0, 'a viewer only looks');
    assert.equal(await page.locator('textarea[readonly]').count(), 1);
  },
};

const write = async (page, text) => {
  await page.locator('textarea[aria-label="Policy as YAML"]').fill(text);
};
const draft = `# What may leave this node.
mode: strict
default_policy: deny

allowlist:
  rules:
    - id: payments
      host: pay.example
      data_budget: 10MB/day
      when: 'method == "POST"'
`;

export const moments = {
  'policy-wrong': {
    path: 'policy',
    async do({ page }) {
      await write(page, `${draft}nonsense: 1\n`);
      await page.waitForSelector('[aria-label=Check] >> text=is no key of a policy');
    },
  },
  'policy-draft': {
    path: 'policy',
    height: 1900,
    async do({ page }) {
      await write(page, draft);
      await page.waitForSelector('[aria-label=Check] >> text=Nothing is wrong');
      await page.click('button:has-text("Try it")');
      await page.waitForSelector('[aria-label="What it would change"] >> text=api.stripe.example');
    },
  },
  'policy-save': {
    path: 'policy',
    async do({ page }) {
      await write(page, draft);
      await page.waitForSelector('[aria-label=Check] >> text=Nothing is wrong');
      await page.click('button:has-text("Put it into force")');
      await page.waitForSelector(`${dialog} >> text=pay.example`);
    },
  },
  'policy-conflict': {
    path: 'policy',
    async do({ page, mock }) {
      await write(page, draft);
      const theirs = {
        ...mock.state.versions.at(-1),
        version: 4,
        hash: 'hash-other',
        author: 'bo',
        reason: 'the build moved',
      };
      mock.state.versions.push({ ...theirs, document: theirs.document.replace('npmjs', 'yarnpkg') });
      await page.waitForSelector('[role=alert] >> text=version 4 is in force now');
    },
  },
  'policy-compare': {
    path: 'policy',
    async do({ page }) {
      await page.selectOption('[aria-label=History] >> select >> nth=0', '1');
      await page.click('button:has-text("Compare")');
      await page.waitForSelector('[aria-label="From version 1 to version 3"] >> text=default_policy: deny');
    },
  },
  'policy-phone': {
    path: 'policy',
    width: 390,
    height: 1400,
    async do({ page }) {
      await write(page, `${draft}nonsense: 1\n`);
      await page.waitForSelector('[aria-label=Check] >> text=is no key of a policy');
    },
  },
};
