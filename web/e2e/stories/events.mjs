// The event log: searched, opened, followed to what an event is about, and further back.
import assert from 'node:assert/strict';
import { settled } from './tools.mjs';

const pane = 'aside[aria-label=Event]';
const raw = `${pane} section[aria-label="The event as JSON"]`;
const byNumber = (mock, n) => mock.state.events.find((e) => e.place.endsWith(`/${n}`));

export const stories = {
  async events({ page, mock }) {
    await page.goto(`${mock.url}/events`);
    await settled(page);
    await page.selectOption('[aria-label=View]', 'Leaks');
    await page.waitForURL('**/events?topic=leak.message.*&topic=leak.quarantine.*&topic=egress.leak.blocked');
    await page.waitForSelector('[role=grid] >> text=GITHUB_TOKEN in chat');
    assert.equal(await page.locator('[role=grid] >> text=apikey.used').count(), 0, 'only leaks');
    await page.fill('[aria-label=Topics]', 'anomaly.>, apikey.*');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/events?topic=anomaly.%3E&topic=apikey.*');
    await page.click('fieldset >> text=high');
    await page.fill('[aria-label="In the subject"]', 'BRUTE');
    await page.keyboard.press('Enter');
    await page.waitForURL('**severity=high&subject=BRUTE');
    await page.waitForSelector('[role=grid] >> text=anomaly.brute_force.detected');
    await page.reload();
    await page.waitForSelector('[role=grid] >> text=anomaly.brute_force.detected');
    assert.equal(await page.inputValue('[aria-label=Topics]'), 'anomaly.> apikey.*', 'the address holds the view');
    await page.click('text=Clear');
    await page.waitForURL('**/events');
    await page.waitForSelector('[role=grid] >> text=system.notify.health');
  },

  async 'event-ways'({ page, mock }) {
    const e = byNumber(mock, 595);
    await page.goto(`${mock.url}/events?open=${e.id}`);
    await page.waitForSelector(`${pane} >> text=cordon event show ${e.id}`);
    await page.waitForSelector(`${raw}:has-text("quarantine_id")`);
    await page.click(`${pane} a:has-text("The quarantine entry")`);
    await page.waitForURL(`**/quarantine/${e.data.quarantine_id}`);
    await page.goBack();
    await page.click(`${pane} a:has-text("All of this cause")`);
    await page.waitForURL(`**/events?cause=${e.correlation_id}`);
    await page.waitForSelector('text=events, all loaded');
  },

  async 'event-not-loaded'({ page, mock }) {
    const e = byNumber(mock, 2);
    await page.goto(`${mock.url}/events?topic=apikey.used&open=${e.id}`);
    await page.waitForSelector(`${pane} >> text=paste.example:443`);
    await page.goto(`${mock.url}/events?open=0199ce7e-0000-7000-8000-000000009999`);
    await page.waitForSelector(`${pane} >> text=there is no event`);
  },

  async 'events-further-back'({ page, mock }) {
    mock.state.eventSpan = 40;
    await page.goto(`${mock.url}/events?topic=egress.killswitch.changed`);
    await page.waitForSelector('text=Nothing yet');
    await page.click('text=Look further back');
    await page.waitForFunction(() => document.querySelector('[data-loading]') === null);
    await page.waitForSelector('text=Nothing yet');
    await page.click('text=Look further back');
    await page.waitForSelector('[role=grid] >> text=egress.killswitch.changed');
    await page.waitForSelector('text=1 event, all loaded');
  },

  async 'events-arrive'({ page, mock }) {
    await page.goto(`${mock.url}/events?topic=incident.%3E`);
    await page.waitForSelector('text=No event matches');
    const newest = mock.state.events[0];
    mock.state.events.unshift({
      ...newest,
      id: `${newest.id.slice(0, -4)}9999`,
      place: '2026-11-20/9999',
      topic: 'incident.i-1.opened',
    });
    await page.waitForSelector('[role=grid] >> text=incident.i-1.opened');
  },
};

export const moments = {
  event: {
    path: 'events',
    async do({ page, mock }) {
      await page.goto(`${mock.url}/events?open=${byNumber(mock, 595).id}`);
      await page.waitForSelector(raw);
    },
  },
  'event-hostile': {
    path: 'events',
    async do({ page, mock }) {
      await page.goto(`${mock.url}/events?open=${byNumber(mock, 598).id}`);
      await page.waitForSelector(raw);
    },
  },
  'event-long-phone': {
    path: 'events',
    width: 390,
    height: 844,
    async do({ page, mock }) {
      await page.goto(`${mock.url}/events?open=${byNumber(mock, 597).id}`);
      await page.waitForSelector(`${pane} >> text=Too long to show whole`);
    },
  },
  'events-gave-up': {
    path: 'events',
    async do({ page, mock }) {
      mock.state.eventSpan = 40;
      await page.goto(`${mock.url}/events?topic=egress.killswitch.changed`);
      await page.waitForSelector('text=Nothing yet');
    },
  },
};
