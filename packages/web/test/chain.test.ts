// Triggers and chains in the browser: outputs picked in the graph, conditions, a task that runs another job, and where a job came from.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { until } from '../../server/test/wait.ts';
import { checkBothSchemes, checkKeyboard, checkNarrow } from './look.ts';
import { describeInBrowser } from './rig.ts';
import type { Visit } from './visit.ts';
import { makeWorld, type World } from './world.ts';

/** A second flow, which a task of the first one runs. */
async function makeChainWorld() {
  const world = await makeWorld();
  return { ...world, report: await makeReport(world), window: { width: 1400, height: 1000 } };
}

describeInBrowser('triggers and chains', makeChainWorld, (rig) => {
  let tab: Visit;
  beforeEach(async () => {
    tab = await rig.tabOf();
  });
  afterEach(() => tab.forgive(/status of 400 .*\/v4\/webhooks\/preview/u));

  const drawer = () => tab.page.getByRole('dialog');
  const field = (name: string) => drawer().getByLabel(name, { exact: true });
  const openPanel = () => tab.open(`/flows/${rig.world.ids.flow}?panel=webhooks`);
  const begin = async (name: string) => {
    await openPanel();
    await tab.page.getByRole('button', { name: 'Create webhook task' }).click();
    await field('Name').fill(name);
  };
  const submit = async (button: 'Create' | 'Save') => {
    await drawer().getByRole('button', { name: button, exact: true }).click();
    await drawer().waitFor({ state: 'detached' });
  };
  const card = (name: string) => tab.page.getByRole('listitem').filter({ hasText: name });
  const find = async (name: string) => {
    const params = { id: rig.world.ids.flow };
    const { data } = await rig.server.author.call(webhookTaskEndpoints.listOfFlow, { params });
    return data.find((task) => task.name === name)!;
  };

  it('picks the outputs to wait for in the flow’s graph, by mouse and by keyboard', async () => {
    await begin('Watches totals');
    await field('URL').fill(`${rig.world.receiver.origin}/picked`);
    await drawer().getByLabel('Jobs of chosen outputs').check();
    const picker = drawer().getByRole('group', { name: 'Outputs to wait for' });
    const output = picker.getByRole('button', { name: 'Output of totals' });
    await output.waitFor();
    assert.equal(await output.getAttribute('aria-pressed'), 'false');
    await output.click();
    assert.equal(await output.getAttribute('aria-pressed'), 'true');
    // A recipe without an output of its own is picked itself; by the keyboard.
    const recipe = picker.getByRole('button', { name: 'Recipe large_orders, reads orders' });
    await recipe.focus();
    await tab.page.keyboard.press('Space');
    assert.equal(await recipe.getAttribute('aria-pressed'), 'true');
    assert.equal(await picker.getByRole('button', { name: /^Dataset/u }).count(), 0);
    // The list says the same, and does it.
    const list = drawer().locator('.mantine-MultiSelect-pill');
    assert.deepEqual(await list.allTextContents(), ['totals', 'large_orders']);
    await tab.page.keyboard.press('Enter');
    assert.deepEqual(await list.allTextContents(), ['totals']);
    await shoot('picker');
    await look('the editor with the graph');
    await submit('Create');
    await card('Watches totals').getByText('When a job ends either way · jobs of totals').waitFor();
    assert.deepEqual((await find('Watches totals')).flowNodeIds, [rig.world.ids.recipe]);
  });

  it('has each condition with its help, says it in words, and keeps it', async () => {
    const { author } = rig.server;
    const cases: {
      kind: string;
      fill?: () => Promise<void>;
      words: string;
      condition: object;
      event?: string;
    }[] = [
      {
        kind: 'recovered',
        words: 'When a job succeeds after a failure',
        condition: { kind: 'recovered' },
        event: 'onJobSuccess',
      },
      {
        kind: 'failuresInRow',
        fill: async () => {
          await field('How many failures').fill('4');
          await field('At every further failure too').check();
        },
        words: 'At the 4th failure in a row and each one after it',
        condition: { kind: 'failuresInRow', count: 4, andFurther: true },
        event: 'onJobFailure',
      },
      {
        kind: 'longerThan',
        fill: async () => {
          await field('Longer than').fill('2');
          await field('While it still runs').check();
        },
        words: 'When a job still runs after 2 hrs',
        condition: { kind: 'longerThan', seconds: 7200, whileRunning: true },
      },
      {
        kind: 'notRefreshedBy',
        fill: async () => {
          await field('By the times of (cron expression)').fill('30 6 * * 1-5');
          await drawer()
            .getByText(/^Next: .*06:30/u)
            .waitFor();
        },
        words: 'When there is no success by 30 6 * * 1-5 (Europe/Berlin)',
        condition: { kind: 'notRefreshedBy', cron: '30 6 * * 1-5', timezone: 'Europe/Berlin' },
      },
      {
        kind: 'notRefreshedWithin',
        words: 'When there is no success for 1 day',
        condition: { kind: 'notRefreshedWithin', seconds: 86_400 },
      },
      {
        kind: 'changed',
        fill: async () => {
          await field('Which way').selectOption('down');
          await field('By more than, in per cent').fill('12.5');
        },
        words: 'When the rows shrink by more than 12.5 %',
        condition: { kind: 'changed', of: 'rows', percent: 12.5, direction: 'down' },
        event: 'onJobSuccess',
      },
      {
        kind: 'rowsOutside',
        fill: () => field('Fewer than').fill('1'),
        words: 'When the number of rows is below 1',
        condition: { kind: 'rowsOutside', min: 1, max: null },
      },
      {
        kind: 'flowRunEnded',
        words: 'When a flow run ends either way',
        condition: { kind: 'flowRunEnded' },
      },
    ];
    await begin('Waits');
    await field('URL').fill(`${rig.world.receiver.origin}/waits`);
    await submit('Create');
    for (const { kind, fill, words, condition, event = 'onJobDone' } of cases) {
      // From the plain end of a job each time: what a kind forces must not stay from the one before.
      const { id } = await find('Waits');
      const plain = { condition: null, triggerEvent: 'onJobDone' as const };
      await author.call(webhookTaskEndpoints.change, { params: { id }, body: plain });
      await card('Waits').getByText('When a job ends either way').waitFor();
      await tab.page.getByRole('button', { name: 'Waits', exact: true }).click();
      await field('What it waits for').selectOption(kind);
      await fill?.();
      await shoot(`condition-${kind}`);
      await submit('Save');
      await card('Waits').getByText(words).waitFor();
      const task = await find('Waits');
      assert.deepEqual([task.condition, task.triggerEvent], [condition, event], kind);
    }
    await tab.page.getByRole('button', { name: 'Waits', exact: true }).click();
    assert.equal(await field('What it waits for').inputValue(), 'flowRunEnded');
    await drawer().getByLabel('When a flow run fails').waitFor();
    await tab.page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
  });

  it('says at its fields what is wrong with a condition', async () => {
    await begin('Wrong');
    await field('URL').fill(`${rig.world.receiver.origin}/wrong`);
    const create = () => drawer().getByRole('button', { name: 'Create', exact: true }).click();
    const isAtFault = async (name: string) =>
      assert.equal(await field(name).getAttribute('aria-invalid'), 'true');
    await field('What it waits for').selectOption('rowsOutside');
    await create();
    await drawer().getByText('Give a bound on one side at least.').waitFor();
    await field('Fewer than').fill('10');
    await field('More than').fill('5');
    await create();
    await drawer()
      .getByText(/min is above max/iu)
      .first()
      .waitFor();
    await isAtFault('Fewer than');
    await field('What it waits for').selectOption('notRefreshedBy');
    await field('By the times of (cron expression)').fill('99 7 * * *');
    await drawer().getByText('This gives no times yet.').waitFor();
    await create();
    await drawer()
      .getByText(/no cron expression that ever comes true/iu)
      .first()
      .waitFor();
    await isAtFault('By the times of (cron expression)');
    await field('What it waits for').selectOption('failuresInRow');
    await field('How many failures').fill('');
    await create();
    await tab.page.waitForFunction(() => document.activeElement?.matches('[data-path="condition.count"]'));
    await isAtFault('How many failures');
    tab.forgive(/status of 400/u);
  });

  it('runs another job: picked without URL and token, told on both jobs, on the delivery, and drawn', async () => {
    const { author } = rig.server;
    await begin('Then the report');
    await drawer().getByLabel('Run another job', { exact: true }).check();
    await field('URL').waitFor({ state: 'detached' });
    await drawer().getByRole('button', { name: 'Create', exact: true }).click();
    await drawer().getByText('Choose the recipe to run.').waitFor();
    await field('Recipe whose output is run').click();
    await tab.page.getByRole('option', { name: 'report' }).click();
    await drawer().getByLabel('When a job succeeds').check();
    await shoot('run-job');
    await submit('Create');
    await card('Then the report').getByRole('link', { name: 'report of Reports' }).waitFor();
    const task = await find('Then the report');
    assert.deepEqual([task.kind, task.runWrangledDataset?.id], ['runJob', rig.world.report.recipeId]);

    const source = await author.call(jobGroupEndpoints.create, {
      body: { wrangledDataset: { id: rig.world.ids.recipe } },
    });
    const started = await awaitStarted(rig.world, source.id, task.id);
    const { page } = tab;

    // The job that was started says by which job, task and delivery.
    await tab.open(`/jobs/${started.jobId}`);
    await page.getByRole('link', { name: 'Then the report' }).waitFor();
    await page.getByRole('link', { name: started.publicId }).waitFor();
    await page.getByRole('link', { name: `Job ${source.id}`, exact: true }).click();
    await page.waitForURL(`**/jobs/${source.id}`);

    // The job that started it has it among its webhooks.
    await page.getByRole('tab', { name: 'Webhooks' }).click();
    const section = page.getByRole('region', { name: 'Then the report' });
    await section.getByRole('link', { name: `Job ${started.jobId}` }).waitFor();
    await section.getByText('this server').waitFor();
    // Tasks that wait for something else say for what.
    await page
      .getByRole('region', { name: 'Waits' })
      .getByText('The task waits for the end of a flow run')
      .waitFor();

    await page.getByRole('tab', { name: 'Chain' }).click();
    const chain = page.getByRole('group', { name: 'The chain of this job' });
    await chain.getByRole('link', { name: `Job ${started.jobId}` }).waitFor();
    await chain.getByRole('link', { name: 'Started by the delivery of “Then the report”' }).waitFor();
    await page.waitForFunction(() => document.querySelectorAll('[role="group"] > svg > path').length === 1);
    await look('the chain of a job');
    await shoot('job-chain');
    await chain.getByRole('link', { name: 'Started by the delivery of “Then the report”' }).click();

    // The delivery names the job that it started.
    await page.getByRole('heading', { level: 1, name: 'Then the report' }).waitFor();
    await page.getByRole('link', { name: `Job ${started.jobId}`, exact: true }).waitFor();
    await shoot('run-job-delivery');
  });

  it('leads from a job to the flow run that it is of', async () => {
    await tab.open(`/flow-runs/${rig.world.ids.flowRun}`);
    await tab.page.getByRole('link', { name: 'totals' }).click();
    const run = tab.page.getByRole('link', { name: `Flow run ${rig.world.ids.flowRun}` });
    await run.click();
    await tab.page.getByRole('heading', { level: 1, name: `Flow run ${rig.world.ids.flowRun}` }).waitFor();
  });

  it('draws which recipes run after which, from the panel of either flow', async () => {
    await openPanel();
    await tab.page.getByRole('link', { name: 'Chain of this flow' }).click();
    const graph = tab.page.getByRole('group', { name: 'Which recipes run after which' });
    await graph.getByRole('link', { name: 'Run by “Then the report”' }).waitFor();
    await look('the chain of a flow');
    await shoot('flow-chain');
    await graph.getByRole('link', { name: 'report', exact: true }).click();
    await tab.page.getByRole('heading', { level: 1, name: 'Reports' }).waitFor();
  });

  it('refuses a circle at the recipe', async () => {
    const { author } = rig.server;
    await author.call(webhookTaskEndpoints.create, {
      body: {
        flowId: rig.world.report.flowId,
        name: 'Already back',
        triggerEvent: 'onJobSuccess',
        triggerObject: 'any',
        enabled: false,
        condition: { kind: 'flowRunEnded' },
        runWrangledDataset: { id: rig.world.ids.recipe },
      },
    });
    await tab.open(`/flows/${rig.world.report.flowId}?panel=webhooks`);
    await tab.page.getByRole('button', { name: 'Already back', exact: true }).click();
    await field('What it waits for').selectOption('');
    await drawer().getByRole('button', { name: 'Save', exact: true }).click();
    await drawer()
      .getByText(/this would run in a circle/iu)
      .first()
      .waitFor();
    assert.equal(await field('Recipe whose output is run').getAttribute('aria-invalid'), 'true');
    tab.forgive(/status of 400/u);
  });

  it('looks back: how often it would have fired, and which bodies would have been no JSON', async () => {
    await begin('Looks back');
    await field('URL').fill(`${rig.world.receiver.origin}/back`);
    await field('Body').click();
    await tab.page.keyboard.insertText('{"job": $jobId,}');
    await drawer().getByRole('tab', { name: 'Backtest' }).click();
    await drawer().getByRole('button', { name: 'Look back' }).click();
    await drawer()
      .getByText(/^Would have fired \d+ times in 30 days$/u)
      .waitFor();
    await drawer()
      .getByText(/bodies would not have been valid JSON/u)
      .waitFor();
    await drawer().getByRole('table', { name: 'What it would have fired for' }).waitFor();
    await shoot('backtest');
    await drawer().getByLabel('When a job fails').check();
    await drawer().getByText('The fields have changed since: look back again.').waitFor();
    await drawer().getByRole('button', { name: 'Look back' }).click();
    await drawer().getByText('Would have fired 0 times in 30 days').waitFor();
    await drawer().getByText('Would not have fired').waitFor();
    await look('the editor with a backtest');
  });

  async function look(about: string): Promise<void> {
    await checkBothSchemes(tab.page, about);
    if ((await drawer().count()) === 0) await checkKeyboard(tab.page, about);
    await checkNarrow(tab.page, about);
    await tab.page.setViewportSize({ width: 1400, height: 1000 });
  }

  async function shoot(name: string): Promise<void> {
    const folder = process.env['FLOWHOOK_SHOTS'];
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    await tab.page.screenshot({ path: `${folder}/${name}.png` });
  }
});

async function makeReport({ server: { author }, ids }: World): Promise<{ flowId: number; recipeId: number }> {
  const { id: flowId } = await author.call(flowEndpoints.create, { body: { name: 'Reports' } });
  const recipe = await author.call(wrangledDatasetEndpoints.create, {
    body: {
      name: 'report',
      flow: { id: flowId },
      importedDataset: { id: ids.dataset },
      sql: 'select count(*) as orders from orders',
    },
  });
  await author.call(outputObjectEndpoints.create, {
    body: {
      flowNodeId: recipe.id,
      writeSettings: [{ path: 'orders/report.csv', action: 'overwrite', format: 'csv' }],
    },
  });
  return { flowId, recipeId: recipe.id };
}

/** Waits for the job that a task's delivery started. */
async function awaitStarted({ server: { author } }: World, jobGroupId: number, taskId: number) {
  let found: { jobId: number; publicId: string } | undefined;
  await until(
    async () => {
      const { data } = await author.call(webhookDeliveryEndpoints.list, {
        query: { jobGroupId, webhookFlowTaskId: taskId },
      });
      if (data[0] === undefined) return false;
      const params = { id: data[0].id };
      const { startedJobGroup: job, deliveryId } = await author.call(webhookDeliveryEndpoints.get, {
        params,
      });
      if (job !== null) found = { jobId: job.id, publicId: deliveryId };
      return found !== undefined;
    },
    'the job that was started',
    30_000,
  );
  return found!;
}
