// A button pressed again after its answer was lost makes nothing twice; what is said beside what is typed holds.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { startBrowser, withoutBrowser } from './browser.ts';
import { visit, type Visit } from './visit.ts';
import { makeWorld, type World } from './world.ts';

describe('an answer that was lost', { skip: withoutBrowser }, () => {
  let world: World;
  let browser: Browser;
  let tab: Visit;
  before(async () => {
    [world, browser] = await Promise.all([makeWorld(), startBrowser()]);
    tab = await visit(browser, world.server, { person: world.server.author });
  });
  after(async () => {
    await tab?.close();
    await browser?.close();
    await world?.stop();
  });
  const countJobs = async () =>
    (await world.server.author.call(jobGroupEndpoints.count, { query: { flowId: world.ids.flow } })).count;

  it('makes one job, however often Run is pressed until one comes', async () => {
    const { page } = tab;
    await tab.open(`/flows/${world.ids.flow}?output=${world.ids.output}`);
    const before = await countJobs();
    const keys: (string | undefined)[] = [];
    await page.route('**/v4/jobGroups', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      keys.push(route.request().headers()['idempotency-key']);
      const response = await route.fetch();
      // The server has made it, and nobody hears of it.
      return keys.length === 1 ? route.abort() : route.fulfill({ response });
    });
    const run = page.getByRole('button', { name: 'Run', exact: true });
    await run.click();
    await page.getByRole('alert').first().waitFor();
    await run.click();
    await page.getByText(/^Job \d+ is started\.$/u).waitFor();
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
    assert.equal(await countJobs(), before + 1);
    // The next job is another one.
    await page.getByText(/^Job \d+ is started\.$/u).waitFor({ state: 'detached' });
    await run.click();
    await page.getByText(/^Job \d+ is started\.$/u).waitFor();
    assert.equal(await countJobs(), before + 2);
    await page.unroute('**/v4/jobGroups');
    tab.forgive(/Failed to load resource/u);
    assert.deepEqual(tab.faults, []);
  });

  it('is not followed by “Valid” over what is not valid: what was saved and what is typed are told apart', async () => {
    const { page } = tab;
    const { flow, recipe } = world.ids;
    await tab.open(`/flows/${flow}?recipe=${recipe}`);
    await page.getByText('Valid', { exact: true }).waitFor();
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('select nothing_there from large_orders');
    await page.getByText('Not valid', { exact: true }).waitFor();
    assert.equal(await page.getByText('Valid', { exact: true }).count(), 0);
    await page.getByText('What stands below is the recipe as it was saved, not as it is typed.').waitFor();
    await page.getByRole('button', { name: 'Undo changes' }).click();
    await page.getByText('Valid', { exact: true }).waitFor();
    assert.equal(await page.getByText('What stands below').count(), 0);
    const { sql } = await world.server.author.call(wrangledDatasetEndpoints.get, { params: { id: recipe } });
    assert.match(sql!, /sum\(amount\)/u);
    assert.deepEqual(tab.faults, []);
  });
});
