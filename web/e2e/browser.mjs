// Starts Chromium with nothing but what the tests need.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Launches the browser named by CHROMIUM, or the first installed one. */
export function launch() {
  const executablePath = process.env.CHROMIUM ?? places.find((p) => existsSync(p));
  if (executablePath === undefined) throw new Error(`no Chromium at ${places.join(', ')}; install it or set CHROMIUM`);
  return chromium.launch({ executablePath, args: flags });
}

/** A page that remembers what went wrong in it and any request that left its server. */
export async function openPage(browser, base, { scheme = 'light', width = 1440, height = 900, scale = 1 } = {}) {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height },
    deviceScaleFactor: scale,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const trouble = [];
  page.on('pageerror', (e) => trouble.push(`exception: ${e.message}`));
  page.on('console', (m) => {
    const expected = /Failed to load resource|net::ERR|This page did not come/.test(m.text());
    if (m.type() === 'error' && !expected) trouble.push(`console: ${m.text()}`);
  });
  page.on('request', (r) => {
    if (!r.url().startsWith(base) && !r.url().startsWith('data:')) trouble.push(`request outside: ${r.url()}`);
  });
  return { page, context, trouble };
}
