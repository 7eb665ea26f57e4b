// What a person has typed or asked for is not lost, and not done twice: drafts that are offered again, an answer that never came.
import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import type { Page } from 'playwright-core';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { webhookTaskText } from '../src/text/webhook/webhook-task.ts';
import { describeInBrowser } from './rig.ts';
import type { Visit } from './visit.ts';
import { makeWorld } from './world.ts';

describeInBrowser('what is typed and not saved', makeWorld, (rig) => {
  let tab: Visit;
  beforeEach(async () => {
    tab = await rig.tabOf();
  });
  const isFound = (page: Page) => page.getByText(/^Your draft of /u).waitFor();
  const discard = (page: Page) => page.getByRole('button', { name: 'Discard' }).click();

  it('of an output is offered on return, marked in the graph, and not what Run takes', async () => {
    const { page } = tab;
    const { flow, output } = rig.world.ids;
    await tab.open(`/flows/${flow}?output=${output}`);
    const path = page.getByRole('textbox', { name: 'Path' });
    const stored = await path.inputValue();
    await path.fill('elsewhere/typed.csv');
    await page.getByText('What you typed is not saved: the settings of this output.').waitFor();
    await page.getByRole('button', { name: 'Output of totals, not saved yet' }).waitFor();
    await page.getByRole('button', { name: /^Dataset orders/u }).click();
    await page.getByRole('tab', { name: 'How it is read' }).waitFor();
    await page.goBack();
    await isFound(page);
    assert.equal(await path.inputValue(), 'elsewhere/typed.csv');
    await page.reload();
    await isFound(page);
    assert.equal(await path.inputValue(), 'elsewhere/typed.csv');
    await discard(page);
    assert.equal(await path.inputValue(), stored);
    await page.getByRole('button', { name: 'Output of totals', exact: true }).waitFor();
    assert.equal(await page.getByText('What you typed is not saved').count(), 0);
    await path.fill(`orders-${flow}/kept.csv`);
    await page.getByRole('button', { name: 'Save the settings' }).click();
    await page.getByText('The settings are saved.').waitFor();
    await page.reload();
    await path.waitFor();
    assert.equal(await page.getByText(/^Your draft of /u).count(), 0);
    const { writeSettings } = await rig.server.author.call(outputObjectEndpoints.get, {
      params: { id: output },
    });
    assert.equal(writeSettings.data[0]?.path, `orders-${flow}/kept.csv`);
  });

  it('of a task is kept without its secrets, and said in the list', async () => {
    const { page } = tab;
    const { flow, task } = rig.world.ids;
    await tab.open(`/flows/${flow}?panel=webhooks&task=${task}`);
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('textbox', { name: 'Name', exact: true }).fill('Half typed');
    await drawer.getByRole('button', { name: 'Add a header' }).click();
    await drawer.getByLabel('Name of header 2').fill('X-Api-Key');
    await drawer.getByLabel('Value of header 2').fill('hush-hush');
    await page.reload();
    await isFound(page);
    assert.equal(await drawer.getByRole('textbox', { name: 'Name', exact: true }).inputValue(), 'Half typed');
    assert.equal(await drawer.getByLabel('Name of header 2').inputValue(), 'X-Api-Key');
    assert.equal(await drawer.getByLabel('Value of header 2').inputValue(), '');
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify(sessionStorage)), /hush-hush/u);
    await page.keyboard.press('Escape');
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Tell the receiver' })
      .getByText('Not saved yet')
      .waitFor();
    await page.getByRole('button', { name: 'Tell the receiver', exact: true }).click();
    await isFound(page);
    await discard(page);
    assert.equal(await drawer.getByLabel('Name of header 2').count(), 0);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    const { data } = await rig.server.author.call(webhookTaskEndpoints.listOfFlow, {
      params: { id: flow },
    });
    assert.deepEqual(
      data.map(({ name }) => name),
      ['Tell the receiver'],
    );
  });

  it('of a schedule and of how a dataset is read are kept', async () => {
    const { page } = tab;
    const { flow, dataset } = rig.world.ids;
    await tab.open(`/flows/${flow}/schedule`);
    await page.getByRole('checkbox', { name: 'Run large_orders' }).check();
    await page.getByRole('textbox', { name: 'Name' }).fill('Mornings');
    await page.goBack();
    await page.goForward();
    await isFound(page);
    assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'Mornings');
    assert.equal(await page.getByRole('checkbox', { name: 'Run large_orders' }).isChecked(), true);
    await discard(page);
    assert.equal(await page.getByRole('checkbox', { name: 'Run large_orders' }).isChecked(), false);
    await tab.open(`/flows/${flow}?dataset=${dataset}`);
    await page.getByRole('tab', { name: 'How it is read' }).click();
    await page.getByRole('textbox', { name: /^Lines to skip/u }).fill('1');
    await page.getByRole('button', { name: /^Dataset orders.*not saved yet$/u }).waitFor();
    await page.reload();
    await page.getByRole('tab', { name: 'How it is read' }).click();
    await isFound(page);
    await discard(page);
  });

  it('of a new task says which secrets it had, and makes no unsigned task of it unasked', async () => {
    const { page } = tab;
    const { flow } = rig.world.ids;
    await tab.open(`/flows/${flow}?panel=webhooks`);
    const drawer = page.getByRole('dialog');
    const create = page.getByRole('button', { name: webhookTaskText.create });
    await create.click();
    await drawer.getByRole('textbox', { name: 'Name', exact: true }).fill('Signed');
    await drawer.getByRole('textbox', { name: 'URL' }).fill(`${rig.world.receiver.origin}/jobs`);
    await drawer.getByLabel('Secret key', { exact: true }).fill('hush-hush-hush-hush-hush');
    await page.reload();
    await create.click();
    await isFound(page);
    await drawer.getByText('Secrets are not kept: type them again: Secret key').waitFor();
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify(sessionStorage)), /hush/u);
    await drawer.getByRole('button', { name: 'Create' }).click();
    await drawer.getByText(/^It was typed before and is not kept/u).waitFor();
    const list = () => rig.server.author.call(webhookTaskEndpoints.listOfFlow, { params: { id: flow } });
    assert.equal((await list()).data.length, 1);
    await drawer.getByRole('button', { name: 'Go on without them' }).click();
    assert.equal(await drawer.getByText('Secrets are not kept').count(), 0);
  });

  it('of the settings is kept by tab of the settings, and only what was typed is sent', async () => {
    const admin = await rig.tabOf(rig.server.administrator);
    const { page } = admin;
    await admin.open('/settings');
    const perFlow = page.getByLabel('Webhook tasks per flow');
    await perFlow.fill('77');
    await page.getByRole('link', { name: 'Egress', exact: true }).click();
    const forbidden = page.getByRole('textbox', { name: /^Forbidden/u });
    await forbidden.fill('192.0.2.7');
    await page.getByRole('link', { name: 'Webhooks', exact: true }).click();
    await isFound(page);
    assert.equal(await perFlow.inputValue(), '77');
    await page.getByRole('link', { name: 'Egress', exact: true }).click();
    await isFound(page);
    assert.equal(await forbidden.inputValue(), '192.0.2.7');
    await discard(page);
    assert.notEqual(await forbidden.inputValue(), '192.0.2.7');
    await page.goBack();
    await isFound(page);
    await rig.server.administrator.call(workspaceEndpoints.changeSettings, {
      body: { 'webapp.webhookSettings.testsPerMinute': 41 },
    });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The settings are saved.').waitFor();
    const now = await rig.server.administrator.call(workspaceEndpoints.settings);
    assert.equal(now['webapp.webhookSettings.tasksPerFlow'], 77);
    assert.equal(now['webapp.webhookSettings.testsPerMinute'], 41);
    await page.reload();
    await perFlow.waitFor();
    assert.equal(await page.getByText(/^Your draft of /u).count(), 0);
  });

  it('of a dialog goes neither by a click beside it nor, unasked, by Escape', async () => {
    const { page } = tab;
    const dialog = page.getByRole('dialog', { name: 'New flow' });
    await tab.open('/flows');
    await page.getByRole('button', { name: 'New flow' }).click();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Half typed');
    await page.mouse.click(5, 400);
    await page.keyboard.press('Escape');
    const asking = page.getByRole('dialog', { name: 'Close and lose what you typed?' });
    await asking.waitFor();
    await page.keyboard.press('Escape');
    await asking.waitFor({ state: 'detached' });
    assert.equal(await dialog.getByRole('textbox', { name: 'Name' }).inputValue(), 'Half typed');
    await page.keyboard.press('Escape');
    await asking.getByRole('button', { name: 'Close', exact: true }).last().click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'New flow' }).click();
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('is lost by signing out alone, which asks', async () => {
    const { page } = tab;
    await tab.open(`/flows/${rig.world.ids.flow}?output=${rig.world.ids.output}`);
    await page.getByRole('textbox', { name: 'Path' }).fill('typed/again.csv');
    await page.getByRole('button', { name: /^Account/u }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    const asking = page.getByRole('dialog', { name: 'Sign out and lose what is not saved?' });
    await asking.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify(sessionStorage)), /typed/u);
  });
});

describeInBrowser('an answer that was lost', makeWorld, (rig) => {
  let tab: Visit;
  beforeEach(async () => {
    tab = await rig.tabOf();
  });
  const countJobs = async () =>
    (await rig.server.author.call(jobGroupEndpoints.count, { query: { flowId: rig.world.ids.flow } })).count;

  it('makes one job, however often Run is pressed until one comes', async () => {
    const { page } = tab;
    await tab.open(`/flows/${rig.world.ids.flow}?output=${rig.world.ids.output}`);
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
  });

  it('is not followed by “Valid” over what is not valid: what was saved and what is typed are told apart', async () => {
    const { page } = tab;
    const { flow, recipe } = rig.world.ids;
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
    const { sql } = await rig.server.author.call(wrangledDatasetEndpoints.get, { params: { id: recipe } });
    assert.match(sql!, /sum\(amount\)/u);
  });
});
