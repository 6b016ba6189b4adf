// Accessibility: axe-core's WCAG 2 A and AA rules on a page as it is now.
import axe from 'axe-core';

/** Lists serious and critical violations, with the elements concerned. */
export async function violations(page) {
  await page.evaluate(axe.source);
  const result = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }),
  );
  return result.violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map(
      (v) =>
        `${v.id}: ${v.nodes
          .slice(0, 3)
          .map((n) => `${n.target.join(' ')} (${n.any[0]?.message ?? n.failureSummary})`)
          .join(' | ')}`,
    );
}
