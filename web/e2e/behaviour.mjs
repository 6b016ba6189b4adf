// What the dashboard does, step by step, against the mock server.
import { startMock } from '../mock/server.mjs';
import { openPage } from './browser.mjs';
import * as access from './stories/access.mjs';
import * as attackers from './stories/attackers.mjs';
import * as audit from './stories/audit.mjs';
import * as deckies from './stories/deckies.mjs';
import * as egress from './stories/egress.mjs';
import * as findings from './stories/findings.mjs';
import * as firstseen from './stories/firstseen.mjs';
import * as incidents from './stories/incidents.mjs';
import * as live from './stories/live.mjs';
import * as node from './stories/node.mjs';
import * as overview from './stories/overview.mjs';
import * as quarantine from './stories/quarantine.mjs';
import * as rules from './stories/rules.mjs';
import * as session from './stories/session.mjs';
import * as sessions from './stories/sessions.mjs';
import * as shell from './stories/shell.mjs';
import * as webhooks from './stories/webhooks.mjs';

// Each part has `stories` (steps with what must come of them) and may have
// `moments` (what only shows after a few steps, looked at by moments.mjs).
const parts = [
  overview,
  quarantine,
  findings,
  rules,
  egress,
  firstseen,
  incidents,
  webhooks,
  session,
  shell,
  access,
  node,
  audit,
  sessions,
  live,
  attackers,
  deckies,
];
const stories = Object.assign({}, ...parts.map((p) => p.stories));
export const moments = Object.assign({}, ...parts.map((p) => p.moments ?? {}));

const atOnce = 2; // a story waits as much as it works

/** Runs the stories, or only the one named; returns what failed. */
export async function behaviour(browser, only) {
  const wrong = only === undefined || only in stories ? [] : [`there is no story ${only}`];
  const waiting = Object.entries(stories).filter(([name]) => only === undefined || only === name);
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      wrong.push(...(await tell(browser, ...next)));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return wrong;
}

/** Runs one story in a browser of its own against a server of its own. */
async function tell(browser, name, story) {
  const mock = await startMock();
  const { page, context, trouble } = await openPage(browser, mock.url);
  page.setDefaultTimeout(30_000);
  const wrong = [];
  try {
    await story({ page, mock });
    console.log(`story ${name}: done`);
  } catch (e) {
    wrong.push(`${name}: ${e.message.split('\n').slice(0, 4).join(' ')}`);
  }
  wrong.push(...trouble.map((t) => `${name}: ${t}`));
  await context.close();
  await mock.close();
  return wrong;
}
