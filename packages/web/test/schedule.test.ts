// Schedules, flow runs and parameters in a browser: made, seen ahead, switched, run with other values.
import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { until } from '../../server/test/wait.ts';
import { describeInBrowser } from './rig.ts';
import type { Visit } from './visit.ts';
import { makeWorld } from './world.ts';

describeInBrowser('a flow that runs by itself', makeWorld, (rig) => {
  let tab: Visit;
  beforeEach(async () => {
    tab = await rig.tabOf();
  });
  /** Times were asked for while they could not be read, and of what was deleted: a line of the console may come late. */
  const noFaults = () => {
    tab.forgive(/status of 40[04] .*\/v4\/schedules\//u);
  };

  it('gets its schedule with what it runs, sees its times while they are said, and runs', async () => {
    const { author, app } = rig.server;
    const { id } = await author.call(flowEndpoints.create, { body: { name: 'By itself' } });
    await author.call(wrangledDatasetEndpoints.create, {
      body: { name: 'ones', flow: { id }, sql: 'select 1 as one' },
    });
    const { page } = tab;
    await tab.open(`/flows/${id}/schedule`);
    await page.getByText('This flow does not run by itself').waitFor();
    const ones = page.getByRole('checkbox', { name: 'Run ones' });
    assert.equal(await ones.isChecked(), true);
    await ones.uncheck();
    await page.getByRole('button', { name: 'Make the schedule' }).click();
    await page.getByRole('alert').getByText('Tick what it runs').waitFor();
    assert.equal(await ones.evaluate((box) => box === document.activeElement), true);
    await ones.check();
    assert.equal(await page.getByLabel('File that ones writes').inputValue(), 'By itself/ones.csv');
    await page.getByRole('combobox', { name: 'Time 1: how often' }).click();
    await page.getByRole('option', { name: 'Every weekday' }).click();
    await page.getByLabel('Time 1: at').fill('09:15');
    await page.getByLabel('Time 1: time zone').first().fill('Asia/Tokyo');
    await page.getByRole('option', { name: 'Asia/Tokyo' }).click();
    await page.getByText('Every weekday at 09:15 (Asia/Tokyo)').waitFor();
    const times = page.getByRole('table', { name: 'The next ten times' });
    await times.getByText('09:15 Asia/Tokyo').first().waitFor();
    assert.equal(await times.getByText('09:15 Asia/Tokyo').count(), 10);
    await page.getByLabel('Run when that one has ended').check();
    await page.getByRole('button', { name: 'Make the schedule' }).click();
    await page.getByRole('button', { name: 'Disable' }).waitFor();
    const find = async () => (await author.call(scheduleEndpoints.list, { query: { flowId: id } })).data[0];
    const made = await find();
    const [trigger] = made!.triggers;
    assert.deepEqual([made?.overlap, trigger?.timeBased.timezone], ['queue', 'Asia/Tokyo']);
    assert.equal(trigger?.timeBased.cron.expression, '15 9 * * 1-5');
    const listOutputs = async () =>
      (await author.call(outputObjectEndpoints.list, { query: { flowId: id } })).data;
    const [output] = await listOutputs();
    assert.deepEqual([output?.isAdhoc, output?.writeSettings.data[0]?.path], [false, 'By itself/ones.csv']);
    await app.db.transaction((tx) =>
      tx.updateTable('schedules').set({ next_at: Date.now() }).where('id', '=', made!.id).execute(),
    );
    const history = page.getByRole('table', { name: 'What came of earlier times' });
    await history.getByText('Ran').waitFor();
    await history.getByRole('link', { name: /^Flow run/u }).click();
    await page.getByRole('heading', { level: 1, name: /Flow run \d+/u }).waitFor();
    await page.getByText('Complete').first().waitFor();
    await tab.open(`/flows/${id}`);
    await page.getByRole('link', { name: /Scheduled: Every weekday at 09:15/u }).click();
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('button', { name: 'Enable' }).waitFor();
    assert.equal((await find())?.enabled, false);
    await page.getByRole('combobox', { name: 'Time 1: how often' }).click();
    await page.getByRole('option', { name: 'By a cron expression' }).click();
    await page.getByLabel('Time 1: cron expression').fill('99 * * * *');
    // The reason is told as one types, and at the field once it is saved.
    await page.getByRole('status').getByText('Invalid value for minute').waitFor();
    await page.getByRole('button', { name: 'Save the schedule' }).click();
    await page.locator('.mantine-InputWrapper-error', { hasText: 'Invalid value for minute' }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('This flow does not run by itself').waitFor();
    noFaults();
  });

  it('takes an output away that it shall not make any more', async () => {
    const { author } = rig.server;
    const { id } = await author.call(flowEndpoints.create, { body: { name: 'Two outputs' } });
    for (const name of ['ones', 'twos'])
      await author.call(wrangledDatasetEndpoints.create, {
        body: { name, flow: { id }, sql: 'select 1 as n' },
      });
    const { page } = tab;
    await tab.open(`/flows/${id}/schedule`);
    await page.getByRole('button', { name: 'Make the schedule' }).click();
    await page.getByRole('button', { name: 'Disable' }).waitFor();
    const listNames = async () => {
      const { data } = await author.call(outputObjectEndpoints.list, { query: { flowId: id } });
      return new Set(data.map(({ writeSettings }) => writeSettings.data[0]?.path));
    };
    assert.deepEqual(await listNames(), new Set(['Two outputs/ones.csv', 'Two outputs/twos.csv']));
    await page.getByRole('link', { name: 'writes Two outputs/ones.csv' }).waitFor();
    // Both stay ticked once they have outputs: nothing is taken away that nobody unticked.
    await page.getByRole('link', { name: 'writes Two outputs/twos.csv' }).waitFor();
    assert.equal(await page.getByRole('checkbox', { checked: true }).count(), 2);
    await page.getByRole('checkbox', { name: 'Run ones' }).uncheck();
    await page.getByText('Saving takes its scheduled output away').waitFor();
    await page.getByRole('button', { name: 'Save the schedule' }).click();
    await page.getByText('The schedule is saved.').first().waitFor();
    await page.getByRole('link', { name: 'writes Two outputs/ones.csv' }).waitFor({ state: 'detached' });
    assert.deepEqual(await listNames(), new Set(['Two outputs/twos.csv']));
    noFaults();
  });

  it('shows what came of its times as they come', async () => {
    const { author, app } = rig.server;
    const { data } = await author.call(scheduleEndpoints.list, { query: { flowId: rig.world.ids.flow } });
    const { page } = tab;
    await tab.open(`/flows/${rig.world.ids.flow}/schedule`);
    await page.getByText('No time has come yet').waitFor();
    await app.db.transaction((tx) =>
      tx.updateTable('schedules').set({ next_at: Date.now() }).where('id', '=', data[0]!.id).execute(),
    );
    // There is no scheduled output: it says so, and is disabled.
    await page.getByText('Disabled by the server').waitFor();
    await page.getByText('no scheduled output').first().waitFor();
    await tab.open(`/flows/${rig.world.ids.flow}`);
    await page.getByRole('link', { name: 'No longer runs by itself' }).waitFor();
    await tab.open('/');
    const stopped = page.getByRole('status').filter({ hasText: 'Schedules that are switched off, and why' });
    await stopped.getByRole('link', { name: /^Orders: .*no scheduled output/u }).click();
    await page.getByText('Disabled by the server').waitFor();
    noFaults();
  });

  it('runs all its outputs with other values of its parameters', async () => {
    const { page } = tab;
    await tab.open(`/flows/${rig.world.ids.flow}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Run all outputs' }).click();
    await page.getByLabel('region').fill('south');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.waitForURL(/\/flow-runs\/\d+$/u);
    await page.getByRole('heading', { level: 1, name: /Flow run \d+/u }).waitFor();
    await page.getByText('Complete').first().waitFor();
    noFaults();
  });

  it('has parameters that are made, changed and deleted', async () => {
    const { page } = tab;
    await tab.open(`/flows/${rig.world.ids.flow}/parameters`);
    await page.getByRole('button', { name: 'New parameter' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('top');
    await dialog.getByLabel('Default').fill('5');
    await dialog.getByRole('button', { name: 'Make the parameter' }).click();
    await page.getByRole('button', { name: 'Change top' }).click();
    await dialog.getByLabel('Default').fill('7');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await until(async () => (await page.getByRole('dialog').count()) === 0);
    await page.getByRole('button', { name: 'Delete top' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await until(async () => (await page.getByRole('button', { name: 'Delete top' }).count()) === 0);
    noFaults();
  });
});
