// What the dashboard does, step by step, against the mock server.
import { startMock } from '../mock/server.mjs';
import { openPage } from './browser.mjs';
import * as access from './stories/access.mjs';
import * as actions from './stories/actions.mjs';
import * as anomalies from './stories/anomalies.mjs';
import * as anomalyRules from './stories/anomalyrules.mjs';
import * as attackers from './stories/attackers.mjs';
import * as audit from './stories/audit.mjs';
import * as blocks from './stories/blocks.mjs';
import * as credentials from './stories/credentials.mjs';
import * as deckies from './stories/deckies.mjs';
import * as egress from './stories/egress.mjs';
import * as events from './stories/events.mjs';
import * as everyone from './stories/everyone.mjs';
import * as findings from './stories/findings.mjs';
import * as firstseen from './stories/firstseen.mjs';
import * as gateway from './stories/gateway.mjs';
import * as incidents from './stories/incidents.mjs';
import * as live from './stories/live.mjs';
import * as merging from './stories/merging.mjs';
import * as node from './stories/node.mjs';
import * as overview from './stories/overview.mjs';
import * as quarantine from './stories/quarantine.mjs';
import * as rules from './stories/rules.mjs';
import * as session from './stories/session.mjs';
import * as sessions from './stories/sessions.mjs';
import * as shell from './stories/shell.mjs';
import * as silences from './stories/silences.mjs';
import * as trouble from './stories/trouble.mjs';
import * as webhooks from './stories/webhooks.mjs';
import * as weight from './stories/weight.mjs';

// Each part has `stories` (steps with what must come of them) and may have
// `moments` (what only shows after a few steps, looked at by moments.mjs).
const parts = [
  overview,
  quarantine,
  findings,
  gateway,
  rules,
  egress,
  firstseen,
  incidents,
  merging,
  actions,
  blocks,
  webhooks,
  session,
  shell,
  access,
  node,
  audit,
  sessions,
  live,
  attackers,
  credentials,
  deckies,
  anomalies,
  anomalyRules,
  events,
  silences,
  trouble,
  everyone,
  weight,
];
const stories = Object.assign({}, ...parts.map((p) => p.stories));
export const moments = Object.assign({}, ...parts.map((p) => p.moments ?? {}));

const atOnce = 2; // a story waits as much as it works

// As test/tools/gotest.sh does: a few stories that failed are told again, alone. Only
// one that then ends well each time was disturbed by its neighbours, and is named.
const heardAgain = 3;

/** Runs the stories, or only the one named; returns what failed. */
export async function behaviour(browser, only) {
  if (only !== undefined && !(only in stories)) return [`there is no story ${only}`];
  const waiting = Object.entries(stories).filter(([name]) => only === undefined || only === name);
  const failed = [];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const wrong = await tell(browser, ...next);
      if (wrong.length > 0) failed.push({ name: next[0], wrong });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (only !== undefined || failed.length > heardAgain) return failed.flatMap((f) => f.wrong);
  const wrong = [];
  for (const f of failed) wrong.push(...(await again(browser, f)));
  return wrong;
}

async function again(browser, { name, wrong }) {
  for (let i = 0; i < heardAgain; i++) {
    const now = await tell(browser, name, stories[name]);
    if (now.length > 0) return [...wrong, ...now];
  }
  for (const w of wrong) console.log(`UNSTEADY ${w}`);
  return [];
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
