// Live soon after the event, and long lists without a gap: both measured in a browser.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { byFullness } from '../../server/test/full.ts';
import { describeInBrowser } from './rig.ts';
import { addPast, loadAll, measureLive, percentile, scrollThrough } from './speed.ts';
import type { Visit } from './visit.ts';
import { makeWorld } from './world.ts';

/** Until the list of jobs shows a row, in a tab that has it loaded already: milliseconds. */
async function timeLoading(tab: Visit): Promise<number> {
  let took = 0;
  for (let time = 0; time < 2; time += 1) {
    const began = performance.now();
    await tab.open('/jobs');
    await tab.page.getByRole('row').nth(1).waitFor();
    took = performance.now() - began;
  }
  return took;
}

/** Of the list that is scrolled through. */
const jobs = byFullness(10_000, 1000);

describeInBrowser('the speed of pages', makeWorld, (rig) => {
  // `bench/web.ts` has the milliseconds.
  it('shows what happened sooner than the page could be loaded anew a few times', async () => {
    const loading = await timeLoading(await rig.tabOf());
    const times = await measureLive(rig.world, rig.openWindow, byFullness(6, 3));
    for (const [what, all] of Object.entries<readonly number[]>({ ...times })) {
      assert.ok(
        percentile(all, 0.5) <= 3 * loading,
        `${what}: ${all.join(', ')} ms; the page loads in ${loading} ms`,
      );
      assert.ok(
        all.every((ms) => ms >= -50),
        `${what} was seen before it happened: ${all.join(', ')} ms`,
      );
    }
  });

  // The list of deliveries is the same component: `bench/web.ts` scrolls through both.
  it('scrolls through a long list of jobs without a gap', async () => {
    await addPast(rig.world, jobs);
    const tab = await rig.tabOf();
    await tab.page.setViewportSize({ width: 1280, height: 1200 });
    await tab.open('/jobs?filter=Past');
    await tab.page.getByRole('row').nth(5).waitFor();
    await loadAll(tab.page, jobs);
    const scrolled = await scrollThrough(tab.page, 900);
    const about = JSON.stringify(scrolled);
    assert.equal(scrolled.rows, jobs, about);
    // A busy machine leaves a frame late now and then; a list that draws too little ahead leaves nearly all of them.
    assert.ok(scrolled.gaps <= scrolled.frames / 10, about);
  });
});
