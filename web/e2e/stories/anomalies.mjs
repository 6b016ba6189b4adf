// Anomalies: narrowed, opened, followed to the attacker and the incident, and seen as they happen.
import assert from 'node:assert/strict';
import { tell } from '../../mock/anomalies.mjs';
import { settled, waitFor } from './tools.mjs';

const pane = 'aside[aria-label=Anomaly]';
const byNumber = (mock, n) => mock.state.anomalies.find((a) => Number(a.id.slice(-6)) === n);

/** Has an anomaly come from an attacker's address, which has an incident. */
function ofAttacker(mock) {
  const a = byNumber(mock, 240);
  const address = mock.state.attackers[0].address;
  Object.assign(a, { kind: 'brute_force', key_kind: 'ip', key: address, source_ip: address, detail: '' });
  const incident = mock.state.incidents.find((i) => i.key_kind === 'address');
  Object.assign(incident, { key: address, source_ip: address });
  return { a, address, incident };
}

export const stories = {
  async anomalies({ page, mock }) {
    await page.goto(`${mock.url}/anomalies`);
    await settled(page);
    await page.selectOption('[aria-label=State]', 'on');
    await page.selectOption('[aria-label=Kind]', 'command_injection');
    await page.selectOption('[aria-label="Counted by"]', 'ip');
    await page.click('fieldset >> text=critical');
    await page.waitForURL('**/anomalies?state=on&kind=command_injection&by=ip&severity=critical');
    await settled(page);
    await page.waitForSelector('[role=grid] >> text=Command injection');
    assert.equal(await page.locator('[role=row] >> text=over').count(), 0, 'only what goes on');
    await page.locator('[role=grid]').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${pane} >> text=An input would have become a command`);
    await page.waitForSelector(`${pane} >> text=name=a;curl`);
    await page.waitForSelector(`${pane} >> text=1 within 1 min`);
    await page.keyboard.press('Escape');
    await page.click('text=Clear');
    await page.waitForURL('**/anomalies');
    await page.fill('[aria-label="Address, network or user"]', byNumber(mock, 239).key);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/anomalies?key=*');
  },

  async 'anomaly-attacker'({ page, mock }) {
    const { a, address, incident } = ofAttacker(mock);
    await page.goto(`${mock.url}/anomalies?open=${a.id}`);
    await page.click(`${pane} a:has-text("On deckies")`);
    await page.waitForURL(`**/attackers?open=${address}`);
    await page.goBack();
    await page.click(`${pane} a:has-text("${incident.title}")`);
    await page.waitForURL(`**/incidents?address=${address}&open=${incident.id}`);
    await page.waitForSelector('aside[aria-label=Incident] >> text=conspicuous in your own logs');
    await page.click('aside[aria-label=Incident] a:has-text("its anomalies")');
    await page.waitForURL(`**/anomalies?key=${address}`);
  },

  async 'anomaly-of-a-user'({ page, mock }) {
    const a = mock.state.anomalies.find((x) => x.key_kind === 'user' && x.source_ip === '');
    await page.goto(`${mock.url}/anomalies?open=${a.id}`);
    await page.waitForSelector(`${pane} >> text=The reports name no address`);
  },

  async 'anomaly-not-loaded'({ page, mock }) {
    const a = byNumber(mock, 3);
    await page.goto(`${mock.url}/anomalies?state=on&open=${a.id}`);
    await page.waitForSelector(`${pane} >> text=cordon anomaly show ${a.id}`);
    await page.goto(`${mock.url}/anomalies?open=0199ca0a-0000-7000-8000-000000009999`);
    await page.waitForSelector(`${pane} >> text=there is no anomaly`);
  },

  async 'anomalies-live'({ page, mock }) {
    const [first] = mock.state.anomalies.splice(0, mock.state.anomalies.length);
    await page.goto(`${mock.url}/anomalies`);
    await page.waitForSelector('text=cordon apikey create --name sshd');
    await waitFor(() => mock.state.streams.size > 0, 'the stream is open');
    const a = {
      ...first,
      kind: 'brute_force',
      key_kind: 'ip',
      key: '203.0.113.9',
      source_ip: '203.0.113.9',
      count: 10,
    };
    mock.state.anomalies.push(a);
    tell(mock.send, a, 'opened');
    await page.waitForSelector('[role=grid] >> text=203.0.113.9');
    a.count = 20;
    tell(mock.send, a, 'growing');
    await page.waitForSelector('[role=grid] >> text=/^20$/');
    a.closed_at = new Date().toISOString();
    tell(mock.send, a, 'closed');
    await page.waitForSelector('[role=row] >> text=over');
  },
};

export const moments = {
  'anomaly-attacker': {
    path: 'anomalies',
    async do({ page, mock }) {
      const { a } = ofAttacker(mock);
      await page.goto(`${mock.url}/anomalies?open=${a.id}`);
      await page.waitForSelector(`${pane} >> text=On deckies`);
    },
  },
  'anomaly-hostile': {
    path: 'anomalies',
    async do({ page, mock }) {
      await page.goto(`${mock.url}/anomalies?open=${byNumber(mock, 237).id}`);
      await page.waitForSelector(`${pane} >> text=What it was done with`);
    },
  },
  'anomaly-phone': {
    path: 'anomalies',
    width: 390,
    height: 844,
    async do({ page, mock }) {
      await page.goto(`${mock.url}/anomalies?open=${byNumber(mock, 238).id}`);
      await page.waitForSelector(`${pane} >> text=Too much`);
    },
  },
};
