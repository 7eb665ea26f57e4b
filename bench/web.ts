// The web interface in a browser: from an event to the frame that shows it, and scrolling through long lists.
//
//   node --conditions=flowhook-source bench/web.ts --rounds 30 --rows 10000
import { parseArgs } from 'node:util';
import { startBrowser } from '../packages/web/test/browser.ts';
import { addPast, loadAll, measureLive, percentile, scrollThrough } from '../packages/web/test/speed.ts';
import { visit } from '../packages/web/test/visit.ts';
import { makeWorld } from '../packages/web/test/world.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    rows: { type: 'string', default: '10000' },
    step: { type: 'string', default: '900' },
  },
});
const rows = Number(values.rows);

const [world, browser] = await Promise.all([makeWorld(), startBrowser()]);
try {
  const person = world.server.author;
  const open = async (address: string) => {
    const tab = await visit(browser, world.server, { person });
    await tab.open(address);
    return tab;
  };
  const all = await measureLive(world, open, Number(values.rounds));
  for (const [what, times] of Object.entries<readonly number[]>({ ...all })) {
    const [half, max, worst] = [0.5, 0.95, 1].map((share) => percentile(times, share));
    console.log(`${what}: p50 ${half} ms, p95 ${max} ms, longest ${worst} ms`);
  }
  await addPast(world, rows);
  for (const address of ['/jobs?filter=Past', '/deliveries?host=past.example.com']) {
    const tab = await visit(browser, world.server, { person, height: 1200 });
    await tab.open(address);
    await tab.page.getByRole('row').nth(5).waitFor();
    await loadAll(tab.page, rows);
    console.log(address, JSON.stringify(await scrollThrough(tab.page, Number(values.step))));
    await tab.close();
  }
} finally {
  await browser.close();
  await world.stop();
}
