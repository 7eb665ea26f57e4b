// Job history and job details in a real browser, against the real server and a real receiver.
import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import type { Page } from 'playwright-core';
import { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { externalJobEndpoints } from '@flowhook/contract/job/external-job';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { insertMany } from '../../server/src/db/rows.ts';
import { until } from '../../server/test/wait.ts';
import { describeInBrowser } from './rig.ts';
import type { Visit } from './visit.ts';
import { makeWorld } from './world.ts';

describeInBrowser('jobs in the browser', makeWorld, (rig) => {
  let tab: Visit;
  let page: Page;
  beforeEach(async () => {
    tab = await rig.tabOf();
    ({ page } = tab);
  });

  const report = async (status: 'Complete' | 'Failed', name: string) => {
    const { author } = rig.server;
    const body = { flow: { id: rig.world.ids.flow }, name };
    const { id } = await author.call(externalJobEndpoints.create, { body });
    await author.call(externalJobEndpoints.change, {
      params: { id },
      body: {
        status,
        errorMessage: status === 'Failed' ? 'The model is broken.' : undefined,
        facts: { models: 7 },
      },
    });
    return id;
  };

  it('shows a job that comes in while the page is open, and narrows by state and kind', async () => {
    await tab.open('/jobs');
    await page.getByRole('link', { name: 'totals' }).first().waitFor();
    await report('Failed', 'Nightly models');
    const row = page.getByRole('row').filter({ hasText: 'Nightly models' });
    await row.getByText('Failed').waitFor();
    await page.getByLabel('State').selectOption('Failed');
    await page.waitForURL(/status=Failed/u);
    await page.getByRole('link', { name: 'totals' }).first().waitFor({ state: 'detached' });
    await row.waitFor();
    await page.getByLabel('Kind').selectOption({ label: 'Output' });
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('Asked for in').selectOption({ label: 'the last hour' });
    await page.waitForURL(/since=1h/u);
    await page.getByRole('link', { name: 'totals' }).first().waitFor();
  });

  it('opens a job by keyboard and goes through its tabs with the arrow keys', async () => {
    await tab.open('/jobs');
    const link = page.getByRole('link', { name: 'totals' }).last();
    await link.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'totals' }).waitFor();
    await page.getByRole('tab', { name: 'Overview' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(/tab=outputs/u);
    await page
      .getByRole('region', { name: 'First rows of totals.csv' })
      .getByText('Ada')
      .waitFor({ timeout: 60_000 });
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Outputs');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('region', { name: 'customer' }).getByText('Ada').first().waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('button', { name: /^large_orders/u }).waitFor();
  });

  it('shows the graph of what ran, and the SQL of each recipe', async () => {
    await tab.open(`/jobs/${rig.world.ids.job}?tab=graph`);
    await page.getByRole('button', { name: /^large_orders/u }).click();
    await page.getByRole('region', { name: 'SQL of large_orders' }).getByText('amount > 10').waitFor();
    await page.getByRole('button', { name: /^orders/u }).waitFor();
  });

  it('downloads a file', async () => {
    await tab.open(`/jobs/${rig.world.ids.job}?tab=outputs`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download totals.csv' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'totals.csv');
  });

  it('shows decisions that did not fire, request and answer, and sends again', async () => {
    const { author } = rig.server;
    await author.call(webhookTaskEndpoints.create, {
      body: {
        flowId: rig.world.ids.flow,
        name: 'Only failures',
        url: `${rig.world.receiver.origin}/failures`,
        method: 'post',
        triggerEvent: 'onJobFailure',
        triggerObject: 'any',
      },
    });
    const id = await report('Complete', 'Told twice');
    await tab.open(`/jobs/${id}?tab=webhooks`);
    await page.getByRole('region', { name: 'Only failures' }).getByText('Did not fire').waitFor();
    const fired = page.getByRole('region', { name: 'Tell the receiver' });
    await fired.getByText('answered 204').waitFor();
    await fired.getByRole('button', { name: 'Request and answer of attempt 1' }).click();
    await fired.getByText(`"job": "${id}"`).waitFor();
    await fired.getByText(/X-Webhook-Signature: t=/u).waitFor();
    await fired.getByRole('table', { name: 'Time' }).waitFor();
    const before = rig.world.receiver.received.length;
    await fired.getByRole('button', { name: 'Redeliver' }).click();
    await fired.getByText('Attempt 2', { exact: true }).waitFor();
    await until(() => rig.world.receiver.received.length > before, 'the receiver got it again');
    await fired.getByRole('button', { name: 'Send as new' }).click();
    await fired.getByText(/sent as new for delivery/u).waitFor();
  });

  it('counts down to the next attempt, and cancels what waits', async () => {
    rig.world.receiver.answer(503);
    const id = await report('Complete', 'Refused at first');
    await tab.open(`/jobs/${id}?tab=webhooks`);
    const task = page.getByRole('region', { name: 'Tell the receiver' });
    await task.getByText('answered 503').first().waitFor();
    await task.getByText('Next attempt', { exact: true }).waitFor();
    await task
      .getByRole('list', { name: 'Attempts in their order' })
      .getByText(/^in \d/u)
      .waitFor();
    await task.getByRole('button', { name: 'Cancel delivery' }).click();
    await task.getByText('Canceled', { exact: true }).waitFor();
    rig.world.receiver.answer(204);
    const { data } = await rig.server.author.call(webhookDeliveryEndpoints.list, {
      query: { jobGroupId: id },
    });
    assert.deepEqual(
      data.map(({ state }) => state),
      ['canceled'],
    );
  });

  it('runs a job again and shows the new one', async () => {
    await tab.open(`/jobs/${rig.world.ids.job}`);
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.waitForURL(
      (url) => /\/jobs\/\d+$/u.test(url.pathname) && !url.pathname.endsWith(`/${rig.world.ids.job}`),
    );
    await page.getByText('Complete').first().waitFor();
  });

  it('cancels a job that runs, after asking', async () => {
    const { author } = rig.server;
    const { id } = await author.call(externalJobEndpoints.create, {
      body: { flow: { id: rig.world.ids.flow }, name: 'Runs for long' },
    });
    await tab.open(`/jobs/${id}`);
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('Canceled').first().waitFor();
  });

  it('shows at which step a job failed, and that those after it have not begun', async () => {
    const { author } = rig.server;
    const { flow, dataset } = rig.world.ids;
    const { name } = await author.call(importedDatasetEndpoints.get, { params: { id: dataset } });
    const body = { name: 'breaks', flow: { id: flow }, importedDataset: { id: dataset } };
    const sql = `select error('it breaks after ' || count(*)) as broken from "${name}"`;
    const { id } = await author.call(wrangledDatasetEndpoints.create, { body: { ...body, sql } });
    await author.call(outputObjectEndpoints.create, {
      body: {
        flowNodeId: id,
        writeSettings: [{ path: 'breaks.csv', format: 'csv', action: 'create' }],
      },
    });
    const job = await author.call(jobGroupEndpoints.create, { body: { wrangledDataset: { id } } });
    await tab.open(`/jobs/${job.id}`);
    const step = (of: string) =>
      page.getByRole('region', { name: 'Steps' }).getByRole('listitem').filter({ hasText: of });
    await step('Run the SQL').getByText('Failed', { exact: true }).waitFor();
    await step('Write the files').getByText('Not begun', { exact: true }).waitFor();
  });

  it('says why an external job failed, and what it reported', async () => {
    const id = await report('Failed', 'Broken');
    await tab.open(`/jobs/${id}`);
    await page.getByText('Why it failed').waitFor();
    await page.getByText('The model is broken.').first().waitFor();
    await page.getByText('"models": 7').waitFor();
  });

  it('keeps few rows on the page, however many jobs there are', async () => {
    const { db } = rig.server.app;
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      flow_id: rig.world.ids.flow,
      name: `Past ${index}`,
      created_at: index + 1,
      updated_at: index + 1,
      started_at: index + 1,
      finished_at: index + 2,
    }));
    const columns = {
      flow_id: 'bigint',
      name: 'text',
      created_at: 'bigint',
      updated_at: 'bigint',
      started_at: 'bigint',
      finished_at: 'bigint',
    } as const;
    const fixed = {
      kind: 'external',
      ran_from: 'api',
      started_by: 'external',
      state: 'complete',
      plan: 'null',
    };
    const whole = rows.map((row) => ({ ...row, ...fixed, profiler: 0 }));
    const all = {
      ...columns,
      kind: 'text',
      ran_from: 'text',
      started_by: 'text',
      state: 'text',
      plan: 'text',
      profiler: 'bigint',
    } as const;
    await db.transaction((tx) => insertMany(tx, { table: 'jobs', columns: all, rows: whole }));
    await tab.open('/jobs');
    await page.getByRole('row').filter({ hasText: 'Past 9999' }).waitFor();
    for (let turn = 0; turn < 5; turn += 1) {
      await page.mouse.wheel(0, 20_000);
      await page.waitForFunction(
        (seen) => document.body.scrollHeight > seen,
        await page.evaluate(() => window.scrollY),
      );
    }
    await page
      .getByRole('row')
      .filter({ hasText: /Past 9[0-8]/u })
      .first()
      .waitFor();
    assert.ok((await page.getByRole('row').count()) < 100, 'rows on the page');
  });
});
