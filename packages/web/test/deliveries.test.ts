// Deliveries: found by filters in the address, live, sent again one by one and by the hundred, exported; each with its attempts.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { beforeEach, it } from 'node:test';
import { sql } from 'kysely';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { byFullness } from '../../server/test/full.ts';
import { until } from '../../server/test/wait.ts';
import { describeInBrowser } from './rig.ts';
import { loadAll } from './speed.ts';
import type { Visit } from './visit.ts';
import { makeWorld, noteCalls } from './world.ts';

/** Of the list that is scrolled through. */
const many = byFullness(10_000, 2000);
/** Nothing is tried again by itself while a test looks. */
const makePatientWorld = () => makeWorld({ FLOWHOOK_RETRY_SCHEDULE: '600,600' });

describeInBrowser('deliveries', makePatientWorld, (rig) => {
  let tab: Visit;
  beforeEach(async () => {
    rig.world.receiver.answer(204);
    await changeTask({ retryOnFailure: true, enabled: true });
    tab = await rig.tabOf();
  });

  const author = () => rig.server.author;
  const changeTask = (body: object) =>
    author().call(webhookTaskEndpoints.change, { params: { id: rig.world.ids.task }, body });
  const list = () => tab.page.getByRole('table', { name: 'Deliveries' });
  const rowOf = (id: number) =>
    list()
      .getByRole('row')
      .filter({ hasText: new RegExp(`No\\. ${id} ·`, 'u') });
  const read = (id: number) => author().call(webhookDeliveryEndpoints.get, { params: { id } });

  async function runJob(): Promise<number> {
    const { id } = await author().call(jobGroupEndpoints.create, {
      body: { wrangledDataset: { id: rig.world.ids.recipe } },
    });
    return id;
  }

  /** Runs a job, and gives its delivery once it is in a state. */
  async function makeDelivery(state: 'dead' | 'delivered' | 'pending', attempts = 1): Promise<number> {
    const isCalled = noteCalls(rig.world.receiver);
    const jobGroupId = await runJob();
    let found: number | undefined;
    await until(
      async () => {
        if (!isCalled()) return false;
        const { data } = await author().call(webhookDeliveryEndpoints.list, {
          query: { jobGroupId, state },
        });
        found = data.find(({ attemptCount }) => attemptCount >= attempts)?.id;
        return found !== undefined;
      },
      `a delivery is ${state}`,
      30_000,
    );
    return found!;
  }

  async function makeDead(): Promise<number> {
    rig.world.receiver.answer(503, 'closed for today');
    await changeTask({ retryOnFailure: false });
    return makeDelivery('dead');
  }

  it('keeps its filters in the address, by mouse and by keyboard', async () => {
    const dead = await makeDead();
    await tab.open('/deliveries');
    await rowOf(dead).getByText('503').waitFor();
    await rowOf(rig.world.ids.delivery).waitFor();
    await tab.page.getByRole('combobox', { name: 'State' }).click();
    await tab.page.getByRole('option', { name: 'Dead' }).click();
    await tab.page.waitForURL(/\?state=dead$/u);
    await rowOf(rig.world.ids.delivery).waitFor({ state: 'detached' });
    await tab.page.keyboard.press('Escape');
    await tab.page.getByLabel('Status code').fill('503');
    await tab.page.waitForURL(/status=503/u);
    await tab.page.getByLabel('Made').selectOption('Last hour');
    await tab.page.waitForURL(/since=1h/u);
    const flow = tab.page.getByRole('combobox', { name: 'Flow', exact: true });
    await flow.press('ArrowDown');
    await flow.fill('Orders');
    await flow.press('ArrowDown');
    await flow.press('Enter');
    await tab.page.waitForURL(new RegExp(`flow=${rig.world.ids.flow}`, 'u'));
    await tab.page.getByRole('searchbox').fill('tell the rec');
    await tab.page.waitForURL(/search=tell/u);
    await tab.page.reload();
    await rowOf(dead).waitFor();
    assert.equal(await list().getByRole('row').count(), 2);
    await tab.page.getByRole('searchbox').fill('nobody is called so');
    await tab.page.getByText('Nothing matches').waitFor();
    await tab.page.getByRole('button', { name: 'Clear filters' }).press('Enter');
    await tab.page.waitForURL(/\/deliveries$/u);
    await rowOf(rig.world.ids.delivery).waitFor();
  });

  it('finds what was made between two times, and says what is wrong with a filter', async () => {
    await tab.open('/deliveries');
    await tab.page.getByLabel('Made').selectOption('From … to …');
    await tab.page.getByLabel('From', { exact: true }).fill('2000-01-01T00:00');
    await tab.page.waitForURL(/from=1999-12-31T23/u);
    await rowOf(rig.world.ids.delivery).waitFor();
    await tab.page.getByLabel('Until', { exact: true }).fill('2000-01-02T00:00');
    await tab.page.getByText('Nothing matches').waitFor();
    await tab.open('/deliveries?status=twelve');
    await tab.page.getByRole('alert').getByText('statusCode', { exact: true }).waitFor();
    tab.forgive(/status of 400/u);
  });

  it('shows a new delivery and each of its states by itself', async () => {
    rig.world.receiver.answer(500);
    await tab.open('/deliveries?state=pending,dead');
    const made = await makeDelivery('pending');
    await rowOf(made)
      .getByText(/^in \d+ min/u)
      .waitFor();
    await changeTask({ enabled: false });
    await rowOf(made).getByText('Held').waitFor();
    await changeTask({ enabled: true });
    await rowOf(made).getByText('Pending').waitFor();
    rig.world.receiver.answer(204);
    await author().call(webhookDeliveryEndpoints.redeliver, { params: { id: made }, body: {} });
    await rowOf(made).waitFor({ state: 'detached' });
  });

  it('redelivers many with progress, and says of each what was refused', async () => {
    const healed = [await makeDead(), await makeDead()];
    const lost = await makeOfDeletedTask();
    rig.world.receiver.answer(204);
    await tab.open('/deliveries?state=dead');
    for (const id of [...healed, lost]) await rowOf(id).getByRole('checkbox').press('Space');
    const bar = tab.page.getByRole('group', { name: 'What can be done with the selected deliveries' });
    await bar.getByText('3 selected').waitFor();
    await bar.getByRole('button', { name: 'Redeliver' }).press('Enter');
    const dialog = tab.page.getByRole('dialog', { name: 'Redeliver 3 deliveries' });
    await dialog.getByRole('button', { name: 'Start' }).press('Enter');
    await dialog.getByText('Done: 2. Refused: 1.').waitFor();
    assert.equal(await dialog.getByRole('progressbar').getAttribute('aria-valuenow'), '100');
    const refused = dialog.getByRole('row').filter({ hasText: String(lost) });
    await refused.getByText('The task of this delivery was deleted').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().press('Enter');
    for (const id of healed) await rowOf(id).waitFor({ state: 'detached' });
    await tab.open('/deliveries');
    for (const id of healed) await rowOf(id).getByText('Delivered').waitFor();
  });

  it('goes on with what is left after a broken line', async () => {
    const dead = [await makeDead(), await makeDead()];
    rig.world.receiver.answer(204);
    await tab.open('/deliveries?state=dead');
    for (const id of dead) await rowOf(id).getByRole('checkbox').click();
    await tab.page.route('**/v4/webhookDeliveries/redeliver', (route) => route.abort(), { times: 1 });
    await tab.page.getByRole('button', { name: 'Redeliver' }).click();
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Start' }).click();
    await dialog.getByRole('alert').getByText('No answer came').waitFor();
    await dialog.getByText('0 of 2 done').waitFor();
    await dialog.getByRole('button', { name: 'Go on' }).click();
    await dialog.getByText('Done: 2. Refused: 0.').waitFor();
    for (const id of dead) await until(async () => (await read(id)).state === 'delivered');
    tab.forgive(/net::ERR_FAILED/u);
  });

  it('cancels many that wait', async () => {
    rig.world.receiver.answer(500);
    const waiting = [await makeDelivery('pending'), await makeDelivery('pending')];
    await tab.open('/deliveries?state=pending');
    for (const id of waiting) await rowOf(id).getByRole('checkbox').click();
    await tab.page.getByRole('button', { name: 'Cancel deliveries' }).click();
    const dialog = tab.page.getByRole('dialog', { name: 'Cancel 2 deliveries' });
    await dialog.getByRole('button', { name: 'Start' }).click();
    await dialog.getByText('Done: 2. Refused: 0.').waitFor();
    for (const id of waiting) assert.equal((await read(id)).state, 'canceled');
  });

  it('shows every attempt of one, when the next follows, and heals it', async () => {
    rig.world.receiver.answer(503, 'closed for today');
    const id = await makeDelivery('pending');
    await tab.open('/deliveries');
    await rowOf(id)
      .getByRole('link', { name: /^Delivery/u })
      .press('Enter');
    await tab.page.getByRole('heading', { level: 1, name: 'Tell the receiver' }).waitFor();
    const line = tab.page.getByRole('list', { name: 'Attempts in their order' });
    await line.getByText('Answered 503').first().waitFor();
    await line.getByText('closed for today').waitFor();
    await line.getByText(/^in \d+ min/u).waitFor();
    await line.getByRole('button', { name: 'Hide request and answer of attempt 1' }).press('Enter');
    await line.getByText('closed for today').waitFor({ state: 'detached' });
    rig.world.receiver.answer(204);
    const redeliver = tab.page.getByRole('button', { name: 'Redeliver' });
    const place = await redeliver.boundingBox();
    await redeliver.dblclick({ delay: 60 });
    await line.getByText('Answered 204').waitFor();
    assert.deepEqual(await redeliver.boundingBox(), place, 'it moved under the pointer');
    const { data } = await rig.server.author.call(webhookDeliveryEndpoints.list, { query: { limit: 1 } });
    assert.equal(data[0]!.id, id, 'a double click sent one more');
    await tab.page.getByText('Delivered', { exact: true }).first().waitFor();
    assert.equal(await line.getByText(/^in \d+ min/u).count(), 0);
    await line.getByText('x-webhook-signature', { exact: false }).first().waitFor();
  });

  it('sends one as new, which leads to it, and cancels one after asking', async () => {
    await tab.open(`/deliveries/${rig.world.ids.delivery}`);
    rig.world.receiver.answer(500);
    await tab.page.getByRole('button', { name: 'Send as new' }).press('Enter');
    await tab.page.waitForURL((url) => !url.pathname.endsWith(`/${rig.world.ids.delivery}`));
    await tab.page.getByRole('link', { name: `Delivery ${rig.world.ids.delivery}` }).waitFor();
    const made = Number(new URL(tab.page.url()).pathname.split('/').at(-1));
    await tab.page
      .getByRole('list', { name: 'Attempts in their order' })
      .getByText('Answered 500')
      .first()
      .waitFor();
    await tab.page.getByRole('button', { name: 'Cancel delivery' }).press('Enter');
    const dialog = tab.page.getByRole('dialog', { name: 'Cancel this delivery?' });
    await dialog.getByRole('button', { name: 'Cancel delivery' }).press('Enter');
    await tab.page.getByText('Somebody canceled it.').waitFor();
    assert.equal((await read(made)).state, 'canceled');
  });

  it('exports what matches as CSV that runs in no spreadsheet', async () => {
    const { id } = await author().call(webhookTaskEndpoints.create, {
      body: {
        flowId: rig.world.ids.flow,
        name: '=1+1',
        url: `${rig.world.receiver.origin}/formula`,
        method: 'post',
        triggerEvent: 'onJobDone',
        triggerObject: 'any',
      },
    });
    await makeDelivery('delivered');
    await tab.open(`/deliveries?task=${id}`);
    const [download] = await Promise.all([
      tab.page.waitForEvent('download'),
      tab.page.getByRole('link', { name: 'Export as CSV' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'deliveries.csv');
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    assert.equal(lines.length, 2, lines.join('\n'));
    assert.match(lines[0]!, /^id,deliveryId,state,/u);
    assert.match(lines[1]!, /,'=1\+1,/u);
    await author().call(webhookTaskEndpoints.remove, { params: { id } });
  });

  it('scrolls through thousands, selects all, and reads again only what changes', async () => {
    await addDeliveries(many);
    await tab.open('/deliveries?host=many.example.com');
    const rows = list().getByRole('row');
    await rows.nth(5).waitFor();
    const { data } = await author().call(webhookDeliveryEndpoints.list, {
      query: { host: 'many.example.com', sort: 'id', limit: 1 },
    });
    const oldest = data[0]!.id;
    const most = await loadAll(tab.page, many);
    await rowOf(oldest).waitFor();
    assert.ok(most > 0 && most < 100, `${most} rows on the page`);
    const asked: string[] = [];
    tab.page.on('request', (request) => {
      if (/\/v4\/webhookDeliveries\?/u.test(request.url())) asked.push(request.url());
    });
    await author().call(webhookDeliveryEndpoints.cancel, { params: { id: oldest } });
    await rowOf(oldest).getByText('Canceled').waitFor();
    assert.ok(asked.length <= 4, `${asked.length} pages were read again`);
    await rowOf(oldest).getByRole('checkbox').press('Space');
    await tab.page
      .getByRole('button', { name: `Select all ${many.toLocaleString('en')} that match` })
      .click();
    await tab.page.getByText(`${many} selected`).waitFor();
  });

  it('lets a viewer look and no more', async () => {
    tab = await rig.open('/deliveries?state=delivered', rig.server.administrator);
    await rowOf(rig.world.ids.delivery).waitFor();
    tab = await rig.open('/deliveries', rig.server.viewer);
    await tab.page.getByText('No deliveries yet').waitFor();
    assert.equal(await tab.page.getByRole('checkbox', { name: /^Select/u }).count(), 0);
  });

  /** A dead delivery whose task is gone. */
  async function makeOfDeletedTask(): Promise<number> {
    const dead = await makeDead();
    const task = await author().call(webhookTaskEndpoints.create, {
      body: {
        flowId: rig.world.ids.flow,
        name: 'Gone soon',
        url: `${rig.world.receiver.origin}/gone`,
        method: 'post',
        triggerEvent: 'onJobDone',
        triggerObject: 'any',
        retryOnFailure: false,
      },
    });
    await makeDelivery('dead');
    const find = () =>
      author().call(webhookDeliveryEndpoints.list, {
        query: { webhookFlowTaskId: task.id, state: 'dead' },
      });
    await until(async () => (await find()).data.length === 1);
    const { data } = await find();
    await author().call(webhookTaskEndpoints.remove, { params: { id: task.id } });
    assert.ok(dead > 0);
    return data[0]!.id;
  }

  /** Held rows, as if the task had been disabled for long. */
  async function addDeliveries(count: number): Promise<void> {
    const now = Date.now();
    await rig.server.app.db.transaction(async (tx) => {
      await sql`
        with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
        insert into deliveries (public_id, event_id, task_id, flow_id, job_id, repeats_id, state, held, host, created_at, updated_at, expires_at)
        select 'many-' || n, event_id, task_id, flow_id, job_id, id, 'pending', 1, 'many.example.com', ${now} + n, ${now} + n, ${now} + 86400000
        from deliveries, numbers where id = ${rig.world.ids.delivery}`.execute(tx);
    });
  }
});
