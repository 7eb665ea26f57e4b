// The list of flows: make, find, rename and delete one, live in another window, thousands of them.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { byFullness } from '../../server/test/full.ts';
import { describeInBrowser } from './rig.ts';
import { loadAll } from './speed.ts';
import { makeBareWorld, makeWorld } from './world.ts';

describeInBrowser('the list of flows', makeWorld, (rig) => {
  it('finds by name and owner, keeps the filter in the address, and clears it', async () => {
    const { author } = rig.server;
    await author.call(flowEndpoints.create, { body: { name: 'Invoices' } });
    const tab = await rig.open('/flows');
    const { page } = tab;
    await page.getByRole('link', { name: 'Orders' }).waitFor();
    await page.getByRole('searchbox', { name: 'Search flows' }).fill('invo');
    await page.getByRole('link', { name: 'Orders' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Invoices' }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('filter'), 'invo');
    await page.reload();
    await page.getByRole('link', { name: 'Invoices' }).waitFor();
    assert.equal(await page.getByRole('searchbox').inputValue(), 'invo');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('link', { name: 'Orders' }).waitFor();
    await page.getByText('Shared with me').click();
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  });

  it('renames and deletes, and another window sees it within a second', async () => {
    const { author } = rig.server;
    const { id } = await author.call(flowEndpoints.create, { body: { name: 'Short-lived' } });
    const [{ page }, other] = [await rig.open('/flows'), await rig.openBeside('/flows')];
    await other.page.getByRole('link', { name: 'Short-lived' }).waitFor();
    await page.getByRole('button', { name: 'What can be done with Short-lived' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Renamed');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Renamed' }).waitFor();
    await other.page.getByRole('link', { name: 'Renamed' }).waitFor();
    await page.getByRole('button', { name: 'What can be done with Renamed' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete “Renamed”?' });
    await dialog.getByText('What stays: 0 datasets and the history of 0 jobs.').waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await other.page.getByRole('link', { name: 'Renamed' }).waitFor({ state: 'detached' });
    await author.refused(flowEndpoints.get, 404, { params: { id } });
  });

  it('asks nothing more about a flow that it deletes, also where the live update comes before the answer', async () => {
    const { author } = rig.server;
    const { id } = await author.call(flowEndpoints.create, { body: { name: 'Answered late' } });
    const tab = await rig.open('/flows');
    const { page } = tab;
    await page.getByRole('button', { name: 'What can be done with Answered late' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete “Answered late”?' });
    await dialog.getByText('What stays').waitFor();
    await page.route(`**/v4/flows/${id}`, async (route) => {
      const answer = await route.fetch();
      // The list is read again behind the dialog: by then the dialog would have asked, too.
      await page.getByText('Answered late', { exact: true }).waitFor({ state: 'detached' });
      assert.ok(await dialog.isVisible());
      await route.fulfill({ response: answer });
    });
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.waitFor({ state: 'detached' });
  });

  it('says what goes with a flow that has everything in it, and which tasks of others stop', async () => {
    const { author } = rig.server;
    const elsewhere = await author.call(flowEndpoints.create, { body: { name: 'Elsewhere' } });
    await author.call(webhookTaskEndpoints.create, {
      body: {
        flowId: elsewhere.id,
        name: 'Then the totals',
        runWrangledDataset: { id: rig.world.ids.recipe },
        triggerEvent: 'onJobSuccess',
        triggerObject: 'any',
      },
    });
    const tab = await rig.open('/flows');
    const { page } = tab;
    await page.getByRole('button', { name: 'What can be done with Orders' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    for (const line of ['2 recipes', '1 output', '1 webhook task'])
      await page.getByRole('dialog').getByText(line, { exact: true }).waitFor();
    await page
      .getByRole('dialog')
      .getByText(/The webhook task “Then the totals” is disabled/u)
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('stops asking while its tab is hidden, and catches up when it is shown', async () => {
    const { author } = rig.server;
    const tab = await rig.open('/flows');
    const { page } = tab;
    await page.getByRole('link', { name: 'Orders' }).waitFor();
    await page.evaluate(hide, true);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await author.call(flowEndpoints.create, { body: { name: 'Made while hidden' } });
    // A second window hears of it: then the hidden one would have, too.
    const other = await rig.openBeside('/flows');
    await other.page.getByRole('link', { name: 'Made while hidden' }).waitFor();
    assert.deepEqual(asked, []);
    await page.evaluate(hide, false);
    await page.getByRole('link', { name: 'Made while hidden' }).waitFor();
  });
});

/** Runs in the page: a headless browser hides no tab. */
function hide(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}

const many = byFullness(10_000, 2000);

async function makeLongList() {
  const world = await makeBareWorld();
  const { author, app } = world.server;
  const now = Date.now();
  const rows = Array.from({ length: many }, (_, index) => ({
    name: `Flow ${String(index).padStart(5, '0')}`,
    owner_id: author.id,
    creator_id: author.id,
    updater_id: author.id,
    created_at: now - index,
    updated_at: now - index,
  }));
  await app.db.transaction(async (tx) => {
    for (let at = 0; at < rows.length; at += 500) {
      await tx
        .insertInto('flows')
        .values(rows.slice(at, at + 500))
        .execute();
    }
  });
  return world;
}

describeInBrowser('a long list of flows', makeLongList, (rig) => {
  it('scrolls to its end with few rows on the page and every row in its place', async () => {
    const tab = await rig.open('/flows?sort=name');
    const { page } = tab;
    await page.getByRole('link', { name: 'Flow 00000' }).waitFor();
    const most = await loadAll(page, many);
    assert.ok(most > 0 && most < 120, 'only rows in view are on the page');
    await page.getByRole('link', { name: `Flow ${String(many - 1).padStart(5, '0')}` }).waitFor();
    const names = await page.getByRole('row').getByRole('link').allTextContents();
    assert.deepEqual(names, names.toSorted());
    assert.equal(new Set(names).size, names.length);
  });
});
