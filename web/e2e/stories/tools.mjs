// What the stories share.
import assert from 'node:assert/strict';

export { settled } from '../shots.mjs';

export const phone = { width: 390, height: 844 };

/** Waits until check holds; fails saying what did not come. */
export async function waitFor(check, what) {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    if (await check()) return;
    await new Promise((r) => setTimeout(r, 40));
  }
  assert.fail(what);
}
