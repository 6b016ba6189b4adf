// The dashboard in a real browser. Without BASE_URL: against the mock server,
// all scenarios. With BASE_URL, CORDON_USER and CORDON_PASSWORD: a walk through
// a real server. Usage: npm run build && npm run e2e [-- stories|shots [WORD]|moments [WORD]|paint|STORY]

import { behaviour } from './behaviour.mjs';
import { launch } from './browser.mjs';
import { takeMoments } from './moments.mjs';
import { paint } from './paint.mjs';
import { takePictures } from './pictures.mjs';
import { walk } from './real.mjs';
import { takeShots } from './shots.mjs';

const [only, word = ''] = process.argv.slice(2);
const browser = await launch();
let wrong = [];
try {
  if (process.env.BASE_URL) wrong = await (only === 'pictures' ? takePictures : walk)(browser, process.env.BASE_URL);
  else if (only === 'paint') wrong = await paint(browser);
  else {
    if (only !== 'shots' && only !== 'moments')
      wrong.push(...(await behaviour(browser, only === 'stories' ? undefined : only)));
    if (only === undefined || only === 'shots') wrong.push(...(await takeShots(browser, word)));
    if (only === undefined || only === 'moments') wrong.push(...(await takeMoments(browser, word)));
  }
} finally {
  await browser.close();
}
for (const w of wrong) console.error(`FAIL ${w}`);
console.log(wrong.length === 0 ? 'ok' : `${wrong.length} failures`);
process.exitCode = wrong.length === 0 ? 0 : 1;
