// Home: what the statistics say is shown at once, for each range, with a way to what is behind it; and how one begins.
import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import type { Request } from 'playwright-core';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { until } from '../../server/test/wait.ts';
import { describeInBrowser } from './rig.ts';
import type { Visit } from './visit.ts';
import { makeWorld } from './world.ts';

describeInBrowser('home', makeWorld, (rig) => {
  let tab: Visit;
  beforeEach(async () => {
    tab = await rig.tabOf();
  });

  const figure = (name: string) =>
    tab.page.getByRole('list', { name: 'Figures' }).locator('li', { hasText: name });

  it('shows figures, and a chart that can be read as a table', async () => {
    await tab.open('/');
    await figure('Success rate').getByText('100%').waitFor();
    await figure('Success rate').getByText('2 × delivered, 0 × given up').waitFor();
    await figure('Time to receive')
      .getByText(/95 % within/u)
      .waitFor();
    await figure('Oldest pending').getByText('nothing waits').waitFor();
    await tab.page.getByText('Every receiver answered every attempt').waitFor();
    await tab.page.locator('canvas').waitFor();
    await tab.page.getByRole('button', { name: /^Show as a table: Attempts per minute/u }).press('Enter');
    const cells = tab.page.getByRole('figure').getByRole('cell');
    await cells.first().waitFor();
    const rates = (await cells.allTextContents()).filter((text) => text !== '0/min');
    // Two deliveries, of the job and of the flow run: in one step or in two.
    assert.ok(rates.length === 1 || rates.length === 2, String(rates));
    for (const rate of rates) assert.match(rate, /^(?:0\.\d+|[12])\/min$/u);
  });

  it('shows a failing receiver when it fails, and leads to its deliveries', async () => {
    const { author } = rig.server;
    const began = performance.now();
    await tab.open('/');
    await figure('Success rate').getByText('100%').waitFor();
    const loading = performance.now() - began;
    rig.world.receiver.answer(503, 'closed');
    await author.call(webhookTaskEndpoints.change, {
      params: { id: rig.world.ids.task },
      body: { retryOnFailure: false },
    });
    const job = await author.call(jobGroupEndpoints.create, {
      body: { wrangledDataset: { id: rig.world.ids.recipe } },
    });
    const { data } = await untilDead(job.id);
    const endedAt = Date.parse(data[0]!.endedAt!);
    const shown = tab.page.getByRole('table', { name: 'Receivers with failed attempts' });
    await shown.getByText(/^1 of 3 /u).waitFor();
    const seenAfter = (await tab.page.evaluate(() => Date.now())) - endedAt;
    assert.ok(
      seenAfter < 5 * loading,
      `seen ${seenAfter} ms after it ended, the page loads in ${loading} ms`,
    );
    await figure('Dead').getByText('1', { exact: true }).waitFor();
    await figure('Success rate').getByText('66.7%').waitFor();
    await shown.getByRole('link', { name: '503' }).press('Enter');
    await tab.page.waitForURL(/\/deliveries\?host=127[^&]+&since=24h&status=503$/u);
    await tab.page.getByRole('table', { name: 'Deliveries' }).getByText('Dead').waitFor();
    rig.world.receiver.answer(204);
  });

  it('keeps the range in its address, by mouse and by keyboard', async () => {
    await tab.open('/');
    const ranges = tab.page.getByRole('radiogroup', { name: 'Time range' });
    await ranges.getByText('1 h').click();
    await tab.page.waitForURL(/\?range=1h$/u);
    await ranges.getByRole('radio', { name: '1 h' }).press('ArrowRight');
    await tab.page.waitForURL(/\/$/u);
    await ranges.getByRole('radio', { name: '24 h' }).press('ArrowRight');
    await tab.page.waitForURL(/\?range=7d$/u);
    await tab.page.reload();
    await tab.page.getByRole('radio', { name: '7 d', checked: true }).waitFor({ state: 'attached' });
    await figure('Success rate').getByText(/\d%/u).waitFor();
  });

  it('asks nothing while it is hidden, and catches up', async () => {
    await tab.open('/');
    const delivered = figure('Success rate').getByText(/\d × delivered/u);
    const before = await delivered.innerText();
    await setHidden(true);
    const asked: string[] = [];
    const note = (request: Request) => void (request.url().includes('/v4/') && asked.push(request.url()));
    tab.page.on('request', note);
    const job = await rig.server.author.call(jobGroupEndpoints.create, {
      body: { wrangledDataset: { id: rig.world.ids.recipe } },
    });
    await untilEnded(job.id, 'delivered');
    assert.deepEqual(asked, []);
    await setHidden(false);
    const more = (_: string, count: string) => `${Number(count) + 1} × delivered`;
    await figure('Success rate')
      .getByText(before.replace(/(\d+) × delivered/u, more))
      .waitFor();
    tab.page.off('request', note);
  });

  it('leads somebody who has nothing yet to a first flow', async () => {
    const fresh = await rig.server.addPerson('author');
    tab = await rig.tabOf(fresh);
    await tab.open('/');
    await tab.page.getByRole('heading', { name: 'Start with a flow' }).waitFor();
    await tab.page.getByRole('link', { name: 'New flow' }).press('Enter');
    const dialog = tab.page.getByRole('dialog', { name: 'New flow' });
    await dialog.getByLabel('Name').fill('First of all');
    await dialog.getByRole('button', { name: 'Make the flow' }).press('Enter');
    await tab.page.getByRole('heading', { level: 1, name: 'First of all' }).waitFor();
    await tab.open('/');
    await tab.page.getByRole('heading', { name: 'Nothing was sent in this range' }).waitFor();
    await tab.page.getByText('In “First of all”:').waitFor();
    await tab.page.getByRole('link', { name: 'Open the flow' }).click();
    await tab.page.getByRole('heading', { level: 1, name: 'First of all' }).waitFor();
  });

  async function untilEnded(jobGroupId: number, state: 'dead' | 'delivered') {
    const list = () =>
      rig.server.author.call(webhookDeliveryEndpoints.list, { query: { jobGroupId, state } });
    await until(async () => (await list()).data.length > 0, `a delivery is ${state}`, 30_000);
    return list();
  }
  const untilDead = (jobGroupId: number) => untilEnded(jobGroupId, 'dead');

  /** As the browser tells a page whose tab is not in front. */
  async function setHidden(hidden: boolean): Promise<void> {
    await tab.page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  }
});
