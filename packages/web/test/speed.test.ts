// Live within a second of the event, and long lists without a gap: both measured in a browser.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { startBrowser, withoutBrowser } from './browser.ts';
import { addPast, loadAll, measureLive, percentile, scrollThrough } from './speed.ts';
import { visit } from './visit.ts';
import { makeWorld, type World } from './world.ts';

describe('the speed of pages', { skip: withoutBrowser }, () => {
  let world: World;
  let browser: Browser;
  before(async () => {
    [world, browser] = await Promise.all([makeWorld(), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  it('shows what happened within a second of the event', async () => {
    const times = await measureLive(world, browser, 6);
    for (const [what, all] of Object.entries<readonly number[]>({ ...times })) {
      assert.ok(percentile(all, 0.5) <= 1000, `${what}: ${all.join(', ')} ms`);
      assert.ok(
        all.every((ms) => ms >= -50),
        `${what} was seen before it happened: ${all.join(', ')} ms`,
      );
    }
  });

  // The list of deliveries is the same component: `bench/web.ts` scrolls through both.
  it('scrolls through 10,000 jobs without a gap', async () => {
    await addPast(world, 10_000);
    const tab = await visit(browser, world.server, { person: world.server.author, height: 1200 });
    await tab.open('/jobs?filter=Past');
    await tab.page.getByRole('row').nth(5).waitFor();
    await loadAll(tab.page, 10_000);
    const scrolled = await scrollThrough(tab.page, 900);
    const about = JSON.stringify(scrolled);
    assert.equal(scrolled.rows, 10_000, about);
    assert.ok(scrolled.worstGap <= 1 && scrolled.gaps <= scrolled.frames / 50, about);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });
});
